import type { PoolStats } from '../statistics/pool-stats.ts';

/** What a pool did in one interval, by a few looks at it. */
export interface Measurement {
  /** Milliseconds. */
  readonly span: number;
  /** In which part of the looks somebody waited. */
  readonly waitingShare: number;
  /** How many were out, on average. */
  readonly active: number;
  /** How many were out or waited for, on average. */
  readonly demand: number;
  /** The most of them at any look. */
  readonly peak: number;
  /** How many came back. */
  readonly released: number;
}

/** Gathers the looks of an interval. */
export class Measuring {
  #looks = 0;
  #waiting = 0;
  #active = 0;
  #demand = 0;
  #peak = 0;
  #begun: number;
  #released: number;

  constructor(stats: PoolStats, now: number) {
    this.#begun = now;
    this.#released = stats.released;
  }

  get looks(): number {
    return this.#looks;
  }

  look({ active, waiting }: PoolStats): void {
    this.#looks++;
    this.#active += active;
    this.#demand += active + waiting;
    this.#peak = Math.max(this.#peak, active + waiting);
    if (waiting > 0) this.#waiting++;
  }

  /** Ends the interval, and begins the next. */
  finish({ released }: PoolStats, now: number): Measurement {
    const looks = Math.max(1, this.#looks);
    const measurement = {
      span: now - this.#begun,
      waitingShare: this.#waiting / looks,
      active: this.#active / looks,
      demand: this.#demand / looks,
      peak: this.#peak,
      released: released - this.#released,
    };
    this.#looks = 0;
    this.#waiting = 0;
    this.#active = 0;
    this.#demand = 0;
    this.#peak = 0;
    this.#begun = now;
    this.#released = released;
    return measurement;
  }
}
