import type { Clock, Timer } from '@perf/core';

/** The first pause in milliseconds; it doubles while the probe fails. */
const FIRST_PAUSE = 100;
const LONGEST_PAUSE = 30_000;
/** How long a store has to answer, in milliseconds, before its next trouble counts as new, however long the last pause was. */
const LONG_ENOUGH = 1000;

/** What a {@link CoolOff} needs. */
export interface CoolOffOptions {
  readonly clock: Clock;
  /** How long a call may take until it has failed, in milliseconds. */
  readonly callTimeout: number;
  /** Whether calls would be answered again. Never rejects, and is bounded in time. */
  readonly probe: () => Promise<boolean>;
  readonly onChange: (open: boolean) => void;
}

/**
 * Leaves a store alone after a failed call, and finds out in the background when to go on, so that
 * no caller waits for trying.
 */
export class CoolOff {
  readonly #options: CoolOffOptions;
  #open = true;
  #pause = FIRST_PAUSE;
  #openedAt = Number.NEGATIVE_INFINITY;
  #timer: Timer | undefined;
  #stopped = false;

  constructor(options: CoolOffOptions) {
    this.#options = options;
  }

  get open(): boolean {
    return this.#open;
  }

  /** A call has failed. Those that were under way with it, and fail after it, change nothing. */
  failed(): void {
    if (!this.#open || this.#stopped) return;
    // The call that has failed may have been the first one since.
    const wentWell = this.#options.clock.now() - this.#openedAt - this.#options.callTimeout;
    // Trouble that comes back at once is waited out for longer than trouble that is new.
    const isNew = wentWell > Math.min(this.#pause, LONG_ENOUGH);
    this.#pause = isNew ? FIRST_PAUSE : longer(this.#pause);
    this.#open = false;
    this.#options.onChange(false);
    this.#schedule();
  }

  /** No more probes; it stays as it is. */
  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }

  #schedule(): void {
    this.#timer = this.#options.clock.setTimer(() => {
      void this.#try();
    }, this.#pause);
  }

  async #try(): Promise<void> {
    const answers = await this.#options.probe();
    if (this.#stopped) return;
    if (!answers) {
      this.#pause = longer(this.#pause);
      this.#schedule();
      return;
    }
    this.#open = true;
    this.#openedAt = this.#options.clock.now();
    this.#options.onChange(true);
  }
}

function longer(pause: number): number {
  return Math.min(pause * 2, LONGEST_PAUSE);
}
