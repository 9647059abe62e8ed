/** Places in a bucket, the youngest first. */
const WAYS = 4;

/**
 * The keys that left last, by their hashes: a FIFO queue of bounded length as a hash table of two
 * words per place, the hash and the number of the eviction. Nothing is moved or removed when a key
 * grows too old; it is just no longer found. A key may be forgotten early when its bucket is full.
 */
export class GhostQueue {
  readonly #length: number;
  readonly #words: Int32Array;
  readonly #lastBucket: number;
  /** Wraps round: only differences matter. */
  #now = 0;

  /**
   * @param length how many keys are remembered
   * @param start where counting begins, a 32-bit integer
   */
  constructor(length: number, start = 0) {
    let buckets = 1;
    while (buckets * WAYS < 1.5 * length) buckets *= 2;
    this.#length = length;
    this.#words = new Int32Array(buckets * WAYS * 2).fill(start);
    this.#lastBucket = buckets - 1;
    // No place that was never written looks young.
    this.#now = (start + length + 1) | 0;
  }

  /** Whether the key is among the last; it no longer is afterwards. */
  take(hash: number): boolean {
    const words = this.#words;
    const first = this.#bucketOf(hash);
    for (let at = first; at < first + WAYS * 2; at += 2) {
      if (words[at] !== hash || this.#ageAt(at) > this.#length) continue;
      const last = first + WAYS * 2 - 2;
      for (let to = at; to < last; to++) words[to] = words[to + 2] as number;
      words[last + 1] = this.#now - this.#length - 1;
      return true;
    }
    return false;
  }

  /** The key has left. */
  add(hash: number): void {
    const words = this.#words;
    const first = this.#bucketOf(hash);
    this.#now = (this.#now + 1) | 0;
    // Moved on one by one: which is the oldest never has to be looked for.
    words[first + 7] = words[first + 5] as number;
    words[first + 6] = words[first + 4] as number;
    words[first + 5] = words[first + 3] as number;
    words[first + 4] = words[first + 2] as number;
    words[first + 3] = words[first + 1] as number;
    words[first + 2] = words[first] as number;
    words[first + 1] = this.#now;
    words[first] = hash;
  }

  /** Where the words of the hash's bucket begin. */
  #bucketOf(hash: number): number {
    return (hash & this.#lastBucket) * WAYS * 2;
  }

  /** How many keys have left since the one at the place did, itself included. */
  #ageAt(at: number): number {
    return ((this.#now - (this.#words[at + 1] as number)) >>> 0) + 1;
  }
}
