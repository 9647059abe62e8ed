import type { Clock } from '@perf/core';
import { failureOf } from './failure.ts';
import type { Session } from './session.ts';

/** After a wait in vain, nobody waits for so many milliseconds, or until a write gets the lock. */
const IMPATIENCE = 1000;
/** The pause between two attempts, in milliseconds. */
const PAUSE = 1;

/**
 * Waits for locks that other processes hold, which blocks this thread. After a wait in vain nobody
 * waits for a while: else a process that is stuck with the lock would stop this one as well.
 */
export class Patience {
  readonly #timeout: number;
  readonly #clock: Clock;
  readonly #sleeper = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  #exhaustedUntil = Number.NEGATIVE_INFINITY;

  /** @param timeout the longest wait, in milliseconds */
  constructor(timeout: number, clock: Clock) {
    this.#timeout = timeout;
    this.#clock = clock;
  }

  /** Runs the step, again and again while the lock is taken. The step applies nothing when it throws. */
  attempt<T>(session: Session, step: (session: Session) => T): T {
    const start = this.#clock.now();
    const exhausted = this.#exhaustedUntil > start;
    const commits = session.commitsSinceCheckpoint;
    for (let left = exhausted ? 0 : this.#timeout; ; left -= PAUSE) {
      try {
        const result = step(session);
        // A read proves nothing: it needs no lock.
        if (exhausted && session.commitsSinceCheckpoint !== commits) this.#restore();
        return result;
      } catch (error) {
        if (failureOf(error) !== 'busy') throw error;
        // Counted too, since a pause on a busy machine is longer than it was asked to be.
        const now = this.#clock.now();
        if (left <= 0 || now - start >= this.#timeout) {
          this.#exhaustedUntil = now + IMPATIENCE;
          throw error;
        }
        Atomics.wait(this.#sleeper, 0, 0, PAUSE);
      }
    }
  }

  #restore(): void {
    this.#exhaustedUntil = Number.NEGATIVE_INFINITY;
  }
}
