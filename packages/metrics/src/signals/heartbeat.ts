import { performance, type EventLoopUtilization } from 'node:perf_hooks';
import type { Clock, Timer } from '@perf/core';

/** How often a {@link Heartbeat} beats, in milliseconds. */
export interface HeartbeatPeriods {
  readonly busy: number;
  /** While the event loop hardly does anything: to wake it up is then what beats cost. */
  readonly idle: number;
}

/** Above this utilization the event loop is busy. */
const BUSY = 0.1;

/**
 * A timer that runs over and over, and tells how late it was. Not Node's `monitorEventLoopDelay`: when that is reset, it forgets
 * the time since its last run, and with it a block of the loop that is just over or about to begin; and it wakes an idle process up
 * as often as a busy one. Beats are at multiples of their period, so that all of a process come together and wake it up once.
 */
export class Heartbeat {
  readonly #clock: Clock;
  readonly #periods: HeartbeatPeriods;
  readonly #onBeat: (lateness: number) => void;
  readonly #isBusy: () => boolean;
  readonly #beat = (): void => {
    const late = Math.max(this.#clock.now() - this.#due, 0);
    this.#arm(this.#isBusy() ? this.#periods.busy : this.#periods.idle);
    this.#onBeat(late);
  };
  #due = 0;
  #timer: Timer | undefined;

  /**
   * @param onBeat gets milliseconds
   * @param isBusy whether the loop was, since it was asked last
   */
  constructor(
    clock: Clock,
    periods: HeartbeatPeriods,
    onBeat: (lateness: number) => void,
    isBusy: () => boolean = utilizationAbove(BUSY),
  ) {
    this.#clock = clock;
    this.#periods = periods;
    this.#onBeat = onBeat;
    this.#isBusy = isBusy;
    this.#arm(periods.busy);
  }

  stop(): void {
    this.#timer?.cancel();
  }

  #arm(period: number): void {
    const now = this.#clock.now();
    // A timer may come a little early.
    const last = Math.max(now, this.#due);
    this.#due = (Math.floor(last / period) + 1) * period;
    this.#timer = this.#clock.setTimer(this.#beat, this.#due - now);
  }
}

function utilizationAbove(least: number): () => boolean {
  let then: EventLoopUtilization = performance.eventLoopUtilization();
  return () => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, then);
    then = now;
    return utilization > least;
  };
}
