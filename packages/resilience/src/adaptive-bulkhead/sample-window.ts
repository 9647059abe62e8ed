import type { LimitSample } from './concurrency-limit.ts';

/** The fewest calls that make a sample. */
const FEWEST = 10;
/** After so many times its length, a window takes what there is. */
const PATIENCE = 10;

/** Gathers calls into samples: of at least a length in time and ten calls, so that no single call steers the limit. */
export class SampleWindow {
  readonly #length: number;
  #began: number | undefined;
  #calls = 0;
  #timed = 0;
  #total = 0;
  #inFlight = 0;
  #overloaded = 0;

  /** @param length milliseconds */
  constructor(length: number) {
    this.#length = length;
  }

  /**
   * A call is over.
   * @param time how long it ran, in milliseconds; `undefined` when that tells nothing
   * @param inFlight how many ran, it included
   * @returns the sample that is complete with it
   */
  add(
    time: number | undefined,
    inFlight: number,
    overloaded: boolean,
    now: number,
  ): LimitSample | undefined {
    this.#began ??= now - (time ?? 0);
    this.#calls++;
    if (time !== undefined) {
      this.#timed++;
      this.#total += time;
    }
    if (inFlight > this.#inFlight) this.#inFlight = inFlight;
    if (overloaded) this.#overloaded++;
    const elapsed = now - this.#began;
    const isLong = elapsed >= this.#length;
    const isEnough = this.#calls >= FEWEST || elapsed >= this.#length * PATIENCE;
    return isLong && isEnough ? this.#complete(now) : undefined;
  }

  #complete(now: number): LimitSample {
    const sample: LimitSample = {
      time: this.#timed === 0 ? undefined : this.#total / this.#timed,
      inFlight: this.#inFlight,
      overloaded: this.#overloaded,
    };
    this.#began = now;
    this.#calls = 0;
    this.#timed = 0;
    this.#total = 0;
    this.#inFlight = 0;
    this.#overloaded = 0;
    return sample;
  }
}
