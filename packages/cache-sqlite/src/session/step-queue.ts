import type { Clock, Timer } from '@perf/core';
import type { Session } from './session.ts';

const LONGEST_QUEUE = 10_000;
/** The pauses between looks at a taken lock grow from the first to the second, in milliseconds. */
const SHORTEST_PAUSE = 1;
const LONGEST_PAUSE = 8;

/** A step that waits for the file to be opened, or for a lock that another process holds. */
export interface WaitingStep {
  /** False when it has to be run again, before all others: the session was lost, or the lock is taken. */
  run(session: Session): boolean;
  fail(error: unknown): void;
  /** Settles with the call; never rejects. */
  readonly settled: Promise<unknown>;
}

/** Steps in the order in which they were asked for, and when the first one is tried again. */
export class StepQueue {
  readonly #clock: Clock;
  readonly #retry: () => void;
  readonly #steps = new Set<WaitingStep>();
  #pause = SHORTEST_PAUSE;
  #timer: Timer | undefined;

  /** @param retry is called when a taken lock may be free */
  constructor(clock: Clock, retry: () => void) {
    this.#clock = clock;
    this.#retry = retry;
  }

  get isEmpty(): boolean {
    return this.#steps.size === 0;
  }

  get isFull(): boolean {
    return this.#steps.size >= LONGEST_QUEUE;
  }

  add(step: WaitingStep): void {
    this.#steps.add(step);
  }

  remove(step: WaitingStep): void {
    this.#steps.delete(step);
  }

  /** Runs the steps, until one has to be run again. */
  run(session: Session): void {
    for (const step of this.#steps) {
      if (!step.run(session)) return;
      this.#steps.delete(step);
    }
    this.stopLooking();
  }

  /** The lock is taken: looks again after a while, without blocking this thread, and less often each time. */
  lookAgain(): void {
    this.#timer ??= this.#clock.setTimer(this.#onTimer, this.#pause, { keepAlive: true });
  }

  stopLooking(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#pause = SHORTEST_PAUSE;
  }

  failAll(error: unknown): void {
    const steps = [...this.#steps];
    this.#steps.clear();
    for (const step of steps) step.fail(error);
  }

  /** Resolves when what waits now has been answered. */
  async settled(): Promise<void> {
    await Promise.all([...this.#steps].map((step) => step.settled));
  }

  readonly #onTimer = (): void => {
    this.#timer = undefined;
    this.#pause = Math.min(this.#pause * 2, LONGEST_PAUSE);
    this.#retry();
  };
}
