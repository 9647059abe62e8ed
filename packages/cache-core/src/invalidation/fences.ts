/** Held by whoever read or loads a key and may still store what it got. */
export interface Fence {
  readonly key: string;
  /** The tags known so far. */
  tags: readonly string[];
  /** Set for good once something changed the key: answer those who wait, store nothing. */
  outdated: boolean;
  /** The next one of the same key; {@link Fences} keeps it. */
  next: Fence | undefined;
}

/** The operations under way, by key, so that a write can outdate them. */
export class Fences {
  readonly #open = new Map<string, Fence>();

  begin(key: string, tags: readonly string[] = []): Fence {
    const fence: Fence = { key, tags, outdated: false, next: this.#open.get(key) };
    this.#open.set(key, fence);
    return fence;
  }

  /** Idempotent. */
  end(fence: Fence): void {
    const { key, next } = fence;
    const first = this.#open.get(key);
    if (first === fence) {
      if (next === undefined) this.#open.delete(key);
      else this.#open.set(key, next);
      return;
    }
    let before = first;
    while (before !== undefined && before.next !== fence) before = before.next;
    if (before !== undefined) before.next = next;
  }

  outdate(key: string): void {
    for (let fence = this.#open.get(key); fence !== undefined; fence = fence.next) {
      fence.outdated = true;
    }
  }

  outdateWhere(concerned: (fence: Fence) => boolean): void {
    for (const first of this.#open.values()) {
      for (let fence: Fence | undefined = first; fence !== undefined; fence = fence.next) {
        if (concerned(fence)) fence.outdated = true;
      }
    }
  }

  keys(): IterableIterator<string> {
    return this.#open.keys();
  }
}
