import type { StoreWrite } from '@perf/cache-core';

/** The most bytes of UTF-8 that one character of a text takes. */
const BYTES_PER_CHARACTER = 3;

/** What is too long for the store. */
export class Limits {
  readonly #maxKeyBytes: number;
  readonly #maxValueBytes: number;

  constructor(maxKeyBytes: number, maxValueBytes: number) {
    this.#maxKeyBytes = maxKeyBytes;
    this.#maxValueBytes = maxValueBytes;
  }

  fits({ key, bytes }: StoreWrite): boolean {
    return bytes.length <= this.#maxValueBytes && this.fitsKey(key);
  }

  fitsKey(key: string): boolean {
    return (
      key.length * BYTES_PER_CHARACTER <= this.#maxKeyBytes ||
      Buffer.byteLength(key) <= this.#maxKeyBytes
    );
  }
}
