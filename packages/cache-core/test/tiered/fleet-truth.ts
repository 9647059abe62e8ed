import type { ManualClock } from '@perf/core/testing';
import { pendingOf, POLL, type WorldInstance, type WorldOptions } from './fleet-instance.ts';
import { KEYS, type Key } from './fleet-steps.ts';

/** How long a peer, or the own echo, may be silent on the bus, in milliseconds. */
export const SILENCE = 3000;

/** A promise that was given: what the database said, for whom, and from when on it counts. */
interface Given {
  readonly by: WorldInstance;
  readonly versions: ReadonlyMap<Key, number>;
  /** When it had reached the stores, and the bus; `undefined` while it is queued. */
  appliedAt: number | undefined;
}

/** A database of version numbers, and what was promised of them. */
export class FleetTruth {
  readonly database: Map<Key, number> = new Map(KEYS.map((key) => [key, 1]));
  /** Whether messages were ever lost. */
  busTroubled = false;
  /** How long a message was on its way at most, in milliseconds. */
  longestDelay = 0;
  readonly #clock: ManualClock;
  readonly #options: WorldOptions;
  #given: Given[] = [];
  /** What write-throughs have committed while nobody had displaced them. */
  readonly #undisturbed = new Map<Key, number>();

  constructor(clock: ManualClock, options: WorldOptions) {
    this.#clock = clock;
    this.#options = options;
  }

  version(key: Key): number {
    return this.database.get(key) ?? 0;
  }

  /** Writes to the database; the new version. */
  commit(key: Key): number {
    const next = this.version(key) + 1;
    this.database.set(key, next);
    return next;
  }

  /** A write-through whose commit counts although its process may die before it can say so. */
  commitUndisturbed(key: Key, version: number): void {
    this.#undisturbed.set(key, version);
  }

  promise(by: WorldInstance, versions: ReadonlyMap<Key, number>, applied: boolean): void {
    this.#given.push({ by, versions, appliedAt: applied ? this.#clock.now() : undefined });
  }

  /**
   * What was queued counts for everybody once nothing is pending any more, and who queued it can tell the
   * others that they have missed something.
   */
  noteReplays(): void {
    for (const given of this.#given) {
      const { by } = given;
      if (given.appliedAt === undefined && pendingOf(by) === 0 && !by.dead && !by.offline) {
        given.appliedAt = this.#clock.now();
      }
    }
  }

  /** The store has forgotten what it was told since then: it has to be told again, by those who live. */
  forget(since: number): void {
    this.#undisturbed.clear();
    this.#given = this.#given.filter(({ by, appliedAt }) => {
      const isKept = appliedAt !== undefined && appliedAt < since;
      return isKept || !by.dead;
    });
    for (const given of this.#given) {
      if (given.appliedAt !== undefined && given.appliedAt >= since) given.appliedAt = undefined;
    }
  }

  /** For how long after an invalidation an older value may be read, in milliseconds. */
  windowOf({ troubled }: WorldInstance): number {
    const { bus, serve = 0 } = this.#options;
    const delay = this.longestDelay;
    const window = bus === undefined ? POLL : this.busTroubled ? SILENCE + delay : delay;
    const mayBeIsolated = troubled || (bus !== undefined && this.busTroubled);
    return mayBeIsolated ? Math.max(window, serve + delay) : window;
  }

  /** What a read of `key` that begins now must at least return. */
  floor(reader: WorldInstance, key: Key): number {
    const window = this.windowOf(reader);
    let floor = 0;
    for (const { by, versions, appliedAt } of this.#given) {
      const counts =
        by === reader || (appliedAt !== undefined && this.#clock.now() > appliedAt + window);
      if (counts) floor = Math.max(floor, versions.get(key) ?? 0);
    }
    return floor;
  }

  /** As {@link floor}, with all trouble over. */
  lastFloor(reader: WorldInstance, key: Key): number {
    return Math.max(this.floor(reader, key), this.#undisturbed.get(key) ?? 0);
  }
}
