import type { Sample } from '../sample.ts';
import type { BurstSettings } from './burst-options.ts';

/** Whether it is time for a burst: its condition has held for long enough, and the last one was long enough ago. */
export class BurstTrigger {
  readonly settings: BurstSettings;
  #since: number | undefined;
  #lastBurst = -Infinity;
  #lastError = -Infinity;

  constructor(settings: BurstSettings) {
    this.settings = settings;
  }

  /**
   * @param now monotonic milliseconds
   * @param onError gets what the condition threw, once in a cool-down
   */
  isDue(sample: Sample, now: number, onError: (error: unknown) => void): boolean {
    if (!this.#holds(sample, now, onError)) {
      this.#since = undefined;
      return false;
    }
    this.#since ??= now;
    const { holdFor, coolDown } = this.settings;
    return now - this.#since >= holdFor && now - this.#lastBurst >= coolDown;
  }

  /** A burst has begun. */
  begun(now: number): void {
    this.#lastBurst = now;
    this.#since = undefined;
  }

  #holds(sample: Sample, now: number, onError: (error: unknown) => void): boolean {
    try {
      return this.settings.when(sample);
    } catch (error) {
      if (now - this.#lastError >= this.settings.coolDown) {
        this.#lastError = now;
        onError(error);
      }
      return false;
    }
  }
}
