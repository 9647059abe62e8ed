import type { Clock, Timer } from '@perf/core';
import type { Session } from '../session/session.ts';

/** How long one slice may hold the event loop, in milliseconds. */
const SLICE = 2;
/** Rows looked at in one transaction, and the most transactions in a slice. */
const BATCH = 32;
const BATCHES = 16;
/** The pause between two slices while there is more to do, in milliseconds. */
const PAUSE = 10;
/** Uses written down in one slice. */
const USES = 128;
/** Commits after which the log is folded into the file although more come. */
const COMMITS = 256;

/** Calls a slice of work at intervals, and soon again while it says that there is more. */
export class Sweeper {
  readonly #clock: Clock;
  readonly #interval: number;
  readonly #slice: () => boolean;
  #timer: Timer | undefined;

  constructor(clock: Clock, interval: number, slice: () => boolean) {
    this.#clock = clock;
    this.#interval = interval;
    this.#slice = slice;
  }

  start(): void {
    this.#timer ??= this.#arm(this.#interval);
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #arm(delay: number): Timer {
    return this.#clock.setTimer(() => {
      const more = this.#slice();
      if (this.#timer !== undefined) this.#timer = this.#arm(more ? PAUSE : this.#interval);
    }, delay);
  }
}

/**
 * One slice of maintenance on a file: expired entries and tickets, uses that wait to be written down,
 * and when nothing of that is left, the log. Idle, it asks two questions and takes no lock.
 * @returns whether there is more to do at once
 */
export function maintain(session: Session): boolean {
  const { clock, entries, tickets } = session;
  const now = clock.epoch();
  const start = clock.now();
  if (tickets.hasExpired(now)) {
    session.write(() => {
      tickets.sweep(now, BATCH);
    });
  }
  for (let batch = 0; entries.hasDue(now); batch++) {
    if (batch === BATCHES || clock.now() - start >= SLICE) return true;
    session.write(() => entries.sweep(now, BATCH));
  }
  if (entries.recency.pending > 0) {
    session.write(() => {
      entries.recency.flush(USES);
    });
    if (entries.recency.pending > 0) return true;
  }
  return foldLog(session);
}

/** In a slice of its own, and only when commits pause or have become many. */
function foldLog(session: Session): boolean {
  const { commitsSinceCheckpoint: commits, commitsAtLastSlice } = session;
  session.commitsAtLastSlice = commits;
  if (commits === 0) return false;
  if (commits !== commitsAtLastSlice && commits < COMMITS) return false;
  session.db.pragma('wal_checkpoint(PASSIVE)');
  session.commitsSinceCheckpoint = 0;
  session.commitsAtLastSlice = 0;
  return false;
}
