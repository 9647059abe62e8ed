/** Looking through so few texts is quicker than hashing one. */
const MAX_SCANNED = 8;

/** What belongs to each value of a label: the first few values in a list, further ones in a map. */
export class LabelNode<T> {
  readonly #keys: string[] = [];
  readonly #items: T[] = [];
  #rest: Map<string, T> | undefined;

  get size(): number {
    return this.#keys.length + (this.#rest?.size ?? 0);
  }

  get(key: string): T | undefined {
    const keys = this.#keys;
    for (let at = 0; at < keys.length; at++) if (keys[at] === key) return this.#items[at];
    return this.#rest === undefined ? undefined : this.#rest.get(key);
  }

  /** @param key one that is not there yet */
  add(key: string, item: T): void {
    if (this.#keys.length < MAX_SCANNED) {
      this.#keys.push(key);
      this.#items.push(item);
    } else {
      this.#rest ??= new Map();
      this.#rest.set(key, item);
    }
  }

  delete(key: string): void {
    const at = this.#keys.indexOf(key);
    if (at < 0) {
      this.#rest?.delete(key);
      return;
    }
    this.#keys.splice(at, 1);
    this.#items.splice(at, 1);
  }
}
