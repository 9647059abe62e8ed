/** How much a memory cache holds and how much it may hold, over all its shards. */
export class Budget {
  entries = 0;
  /** What the entries weigh together; 0 unless the cache is bounded in bytes. */
  bytes = 0;
  maxEntries: number;
  maxBytes: number;
  /** `maxEntries`, but 0 once closed: one comparison then stops an insertion for either reason. */
  room: number;

  constructor(maxEntries: number, maxBytes: number) {
    this.maxEntries = maxEntries;
    this.maxBytes = maxBytes;
    this.room = maxEntries;
  }

  resize(maxEntries: number, maxBytes: number): void {
    this.maxEntries = maxEntries;
    this.maxBytes = maxBytes;
    this.room = maxEntries;
  }
}
