/**
 * A bounded map from names to the sequence number of their last invalidation. Ordered by recency;
 * when it overflows, the oldest part is forgotten and the caller is told the highest number lost.
 */
export class FactTable {
  readonly #seqs = new Map<string, number>();
  readonly #capacity: number;
  readonly #dropOneIn: number;
  #newest = 0;

  /** @param dropOneIn on overflow, one in so many is forgotten: 10 = a tenth */
  constructor(capacity: number, dropOneIn: number) {
    this.#capacity = capacity;
    this.#dropOneIn = dropOneIn;
  }

  /** The highest number held, or held before {@link clear}. */
  get newest(): number {
    return this.#newest;
  }

  /** The number of `name`, 0 if it is not known. */
  seqOf(name: string): number {
    return this.#seqs.get(name) ?? 0;
  }

  entries(): IterableIterator<[string, number]> {
    return this.#seqs.entries();
  }

  /** Sets the number unless a higher one is known. Returns the highest number forgotten, 0 if none. */
  raise(name: string, seq: number): number {
    if (this.seqOf(name) >= seq) return 0;
    this.#seqs.delete(name);
    this.#seqs.set(name, seq);
    this.#newest = Math.max(this.#newest, seq);
    return this.#seqs.size > this.#capacity ? this.#forget() : 0;
  }

  clear(): void {
    this.#seqs.clear();
    this.#newest = 0;
  }

  #forget(): number {
    let highest = 0;
    let left = Math.ceil(this.#seqs.size / this.#dropOneIn);
    for (const [name, seq] of this.#seqs) {
      if (left-- === 0) break;
      this.#seqs.delete(name);
      highest = Math.max(highest, seq);
    }
    return highest;
  }
}
