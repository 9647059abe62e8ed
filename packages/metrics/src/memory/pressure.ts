import type { MemoryReading, MemoryState, PressureCause } from './telemetry.ts';

/** From where on memory is short, and when it no longer is. */
export interface PressureBounds {
  readonly maxRss: number;
  readonly maxShare: number;
  readonly release: number;
}

/** Whether memory is short: so from a bound on, until all are well below theirs, so that it does not flap around one. */
export class Pressure {
  readonly #bounds: PressureBounds;
  #cause: PressureCause | undefined;

  constructor(bounds: PressureBounds) {
    this.#bounds = bounds;
  }

  get state(): MemoryState {
    return this.#cause === undefined ? 'normal' : 'pressure';
  }

  /** @returns the cause, if the state has changed by this reading */
  update(reading: MemoryReading): PressureCause | undefined {
    if (this.#cause === undefined) {
      this.#cause = this.#reached(reading, 1);
      return this.#cause;
    }
    if (this.#reached(reading, this.#bounds.release) !== undefined) return undefined;
    const cause = this.#cause;
    this.#cause = undefined;
    return cause;
  }

  #reached(reading: MemoryReading, part: number): PressureCause | undefined {
    const { maxRss, maxShare } = this.#bounds;
    if (reading.rss >= maxRss * part) return 'rss';
    if (reading.memoryShare >= maxShare * part) return 'memory';
    if (reading.heapShare >= maxShare * part) return 'heap';
    return undefined;
  }
}
