import type { StoreWrite, WriteResult } from '@perf/cache-core';

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

  /** Stores what fits by `store`; all else is refused. */
  storeFitting<Entry extends StoreWrite>(
    entries: readonly Entry[],
    store: (fitting: readonly Entry[]) => Promise<readonly WriteResult[]>,
  ): Promise<readonly WriteResult[]> {
    const fitting = entries.filter((entry) => this.fits(entry));
    if (fitting.length === entries.length) return store(entries);
    return store(fitting).then((results) => {
      const byEntry = new Map(fitting.map((entry, index) => [entry, results[index]]));
      return entries.map((entry) => byEntry.get(entry) ?? 'refused');
    });
  }

  fitsKey(key: string): boolean {
    return (
      key.length * BYTES_PER_CHARACTER <= this.#maxKeyBytes ||
      Buffer.byteLength(key) <= this.#maxKeyBytes
    );
  }
}
