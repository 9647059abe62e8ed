import type { StoreWrite } from '@perf/cache-core';

/** The most bytes of UTF-8 that one character of a text takes. */
const BYTES_PER_CHARACTER = 3;

/** What is too long for the store; and the longest lifetime that it was given. */
export class Limits {
  readonly #maxKeyBytes: number;
  readonly #maxValueBytes: number;
  #longestTtl = 0;

  constructor(maxKeyBytes: number, maxValueBytes: number) {
    this.#maxKeyBytes = maxKeyBytes;
    this.#maxValueBytes = maxValueBytes;
  }

  /** In milliseconds; of all entries that this instance has stored. */
  get longestTtl(): number {
    return this.#longestTtl;
  }

  /** Whether the entry may be stored; it is taken to be so then. */
  fits({ key, bytes, ttl }: StoreWrite): boolean {
    if (bytes.length > this.#maxValueBytes || !this.fitsKey(key)) return false;
    this.#longestTtl = Math.max(this.#longestTtl, ttl);
    return true;
  }

  fitsKey(key: string): boolean {
    return (
      key.length * BYTES_PER_CHARACTER <= this.#maxKeyBytes ||
      Buffer.byteLength(key) <= this.#maxKeyBytes
    );
  }
}
