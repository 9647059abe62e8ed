import type { Clock } from '@perf/core';

/** A load that failed not long ago. */
export interface HoldDown {
  readonly error: unknown;
  /** Monotonic milliseconds. */
  readonly until: number;
}

/** How many keys are remembered; beyond that the oldest are tried again early. */
const MOST_KEYS = 10_000;

/** The keys whose load failed not long ago: whoever has a stale value does not try again yet. */
export class HoldDowns {
  readonly #clock: Clock;
  readonly #length: number;
  /** In the order of their ends. */
  readonly #held = new Map<string, HoldDown>();

  /** @param length of each, in milliseconds */
  constructor(clock: Clock, length: number) {
    this.#clock = clock;
    this.#length = length;
  }

  get size(): number {
    return this.#held.size;
  }

  /** Remembers that loading the key failed just now. */
  add(key: string, error: unknown): void {
    if (this.#length === 0) return;
    const now = this.#clock.now();
    this.#held.delete(key);
    this.#held.set(key, { error, until: now + this.#length });
    for (const [oldest, { until }] of this.#held) {
      if (until > now && this.#held.size <= MOST_KEYS) break;
      this.#held.delete(oldest);
    }
  }

  /** The failure for which the key is not loaded now. */
  of(key: string): HoldDown | undefined {
    const held = this.#held.get(key);
    if (held === undefined || held.until > this.#clock.now()) return held;
    this.#held.delete(key);
    return undefined;
  }

  /** The key was loaded. */
  end(key: string): void {
    this.#held.delete(key);
  }
}
