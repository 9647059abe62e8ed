/** How long all keys may be together, and one of them, in UTF-16 units. */
const MOST = 4 * 1024 * 1024;
const LONGEST = 1024;

/**
 * The keys behind the names of files that a scan has read. A name is the hash of its key, so what was true
 * once is true for ever, whatever other processes do with the file. Bounded; the oldest go first.
 */
export class KnownKeys {
  readonly #keys = new Map<string, string>();
  readonly #most: number;
  #length = 0;

  /** @param most how long the keys may be together, in UTF-16 units */
  constructor(most: number = MOST) {
    this.#most = most;
  }

  get(name: string): string | undefined {
    return this.#keys.get(name);
  }

  add(name: string, key: string): void {
    if (key.length > Math.min(LONGEST, this.#most) || this.#keys.has(name)) return;
    this.#keys.set(name, key);
    this.#length += key.length;
    for (const [oldest, { length }] of this.#keys) {
      if (this.#length <= this.#most) return;
      this.#keys.delete(oldest);
      this.#length -= length;
    }
  }
}
