import type { Damage } from './entries/entry-format.ts';

/** Why a value was not stored. */
export type RefusalReason =
  /** The value is longer than `maxValueBytes`, or the file would be longer than `maxBytes`. */
  | 'tooLarge'
  /** The disk, a quota or a limit on the length of files is exhausted. */
  | 'noSpace';

/** The events of an {@link FsStore}. */
export interface FsStoreEvents {
  /** Something in an entry's or a shard's place was not usable; it was removed where that is possible. */
  damaged: {
    readonly file: string;
    /** Known when it was found by reading a key. */
    readonly key: string | undefined;
    readonly reason: Damage;
    readonly removed: boolean;
    readonly cause?: unknown;
  };
  /** A value was not stored; what was stored under its key before is gone. */
  refused: { readonly key: string; readonly reason: RefusalReason; readonly cause?: unknown };
  /** Work in the background failed; it is tried again at the next pass. */
  error: { readonly operation: 'sweep' | 'evict' | 'empty trash'; readonly cause: unknown };
}

/** Counts since the store was made, and what it knows to be on disk. */
export interface FsStoreStats {
  /** What is on disk as far as this process knows: its own doing, and the last sweep. */
  readonly entries: number;
  /** The length of all files; a file system rounds each of them up to whole blocks. */
  readonly bytes: number;
  readonly hits: number;
  readonly misses: number;
  readonly stored: number;
  readonly refused: number;
  readonly deleted: number;
  /** Removed to stay within `maxEntries` and `maxBytes`. */
  readonly evicted: number;
  /** Removed by sweeps because their time was over. */
  readonly expired: number;
  readonly damaged: number;
  /** Temporary files of killed writers that sweeps removed. */
  readonly abandoned: number;
}

/** The counts behind {@link FsStoreStats}. */
export type FsStoreCounters = {
  -readonly [Name in Exclude<keyof FsStoreStats, 'entries' | 'bytes'>]: number;
};

/** All zero. */
export function newCounters(): FsStoreCounters {
  return {
    hits: 0,
    misses: 0,
    stored: 0,
    refused: 0,
    deleted: 0,
    evicted: 0,
    expired: 0,
    damaged: 0,
    abandoned: 0,
  };
}
