import type { BreakerSettings } from './options.ts';

/** How long to stay open: longer after each recovery that did not hold. */
export class OpenPeriod {
  readonly #settings: BreakerSettings;
  #failedRecoveries = 0;
  #last = 0;

  constructor(settings: BreakerSettings) {
    this.#settings = settings;
  }

  /** @param closedFor how long it was closed before; 0 after failed probes */
  next(closedFor: number): number {
    const { openPeriod, openPeriodFactor, maxOpenPeriod, openPeriodJitter, random } =
      this.#settings;
    // Closed for no longer than it was open before: the recovery did not hold.
    if (this.#last === 0 || closedFor > this.#last) this.#failedRecoveries = 0;
    else this.#failedRecoveries++;
    const full = Math.min(openPeriod * openPeriodFactor ** this.#failedRecoveries, maxOpenPeriod);
    this.#last = full;
    return full * (1 - openPeriodJitter * random());
  }

  reset(): void {
    this.#last = 0;
  }
}
