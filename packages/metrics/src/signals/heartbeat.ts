import type { Clock, Timer } from '@perf/core';

/**
 * A timer that runs over and over, and tells how late it was. Not Node's `monitorEventLoopDelay`: when that is reset, it forgets
 * the time since its last run, and with it a block of the loop that is just over or about to begin.
 */
export class Heartbeat {
  readonly #clock: Clock;
  readonly #period: number;
  readonly #onBeat: (lateness: number) => void;
  readonly #beat = (): void => {
    const late = Math.max(this.#clock.now() - this.#due, 0);
    this.#arm();
    this.#onBeat(late);
  };
  #due = 0;
  #timer: Timer | undefined;

  /**
   * @param period in milliseconds
   * @param onBeat gets milliseconds
   */
  constructor(clock: Clock, period: number, onBeat: (lateness: number) => void) {
    this.#clock = clock;
    this.#period = period;
    this.#onBeat = onBeat;
    this.#arm();
  }

  stop(): void {
    this.#timer?.cancel();
  }

  #arm(): void {
    this.#due = this.#clock.now() + this.#period;
    this.#timer = this.#clock.setTimer(this.#beat, this.#period);
  }
}
