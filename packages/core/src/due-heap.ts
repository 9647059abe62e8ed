import type { DueEntry } from './due-list.ts';

/** A binary heap of entries: what is due first, or came first of those due at once, is on top. Each entry knows its place. */
export class DueHeap {
  readonly #entries: DueEntry[] = [];

  get isEmpty(): boolean {
    return this.#entries.length === 0;
  }

  /** `undefined` when it is empty. */
  get top(): DueEntry | undefined {
    return this.#entries[0];
  }

  add(entry: DueEntry): void {
    this.#rise(entry, this.#entries.length);
  }

  /** @param entry one of the heap */
  remove(entry: DueEntry): void {
    const { place } = entry;
    entry.place = -1;
    const last = this.#entries.pop();
    if (last === undefined || last === entry) return;
    const parent = this.#entries[(place - 1) >> 1];
    if (place > 0 && parent !== undefined && comesBefore(last, parent)) this.#rise(last, place);
    else this.#sink(last, place);
  }

  #rise(entry: DueEntry, from: number): void {
    const entries = this.#entries;
    let place = from;
    while (place > 0) {
      const above = (place - 1) >> 1;
      const parent = entries[above];
      if (parent === undefined || !comesBefore(entry, parent)) break;
      this.#put(parent, place);
      place = above;
    }
    this.#put(entry, place);
  }

  #sink(entry: DueEntry, from: number): void {
    const entries = this.#entries;
    let place = from;
    for (;;) {
      let below = 2 * place + 1;
      let child = entries[below];
      if (child === undefined) break;
      const other = entries[below + 1];
      if (other !== undefined && comesBefore(other, child)) {
        child = other;
        below++;
      }
      if (!comesBefore(child, entry)) break;
      this.#put(child, place);
      place = below;
    }
    this.#put(entry, place);
  }

  #put(entry: DueEntry, place: number): void {
    this.#entries[place] = entry;
    entry.place = place;
  }
}

/** Whether it is due before the other, or came before it when both are due at once. */
export function comesBefore(entry: DueEntry, other: DueEntry): boolean {
  return entry.due < other.due || (entry.due === other.due && entry.order < other.order);
}
