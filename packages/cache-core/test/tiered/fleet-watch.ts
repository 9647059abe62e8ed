import { settle, type ManualClock } from '@perf/core/testing';
import { pendingOf, type WorldInstance } from './fleet-instance.ts';

/** How often time is advanced for what must end. */
const ROUNDS = 200;

/** What is going on in a world, and what was found wrong. */
export class FleetWatch {
  readonly violations: string[] = [];
  readonly #clock: ManualClock;
  readonly #running = new Map<Promise<void>, WorldInstance>();

  constructor(clock: ManualClock) {
    this.#clock = clock;
  }

  /** Work of an instance, which must not reject unless its process is dead. */
  track(instance: WorldInstance, work: Promise<void>): void {
    const reported = work
      .catch((error: unknown) => {
        if (!instance.dead) this.violations.push(`rejected: ${String(error)}`);
      })
      .finally(() => this.#running.delete(reported));
    this.#running.set(reported, instance);
  }

  /** Advances time until nothing runs and nothing is pending any more. */
  async calmDown(alive: readonly WorldInstance[]): Promise<void> {
    for (let round = 0; round < ROUNDS; round++) {
      await settle();
      const pending = alive.some((instance) => pendingOf(instance) > 0);
      const running = [...this.#running.values()].some(({ dead }) => !dead);
      if (!running && !pending) return;
      await this.#clock.advanceAsync(round < 10 ? 100 : 1000);
    }
    this.violations.push(`${this.#running.size} calls never settled, or replays never ended`);
  }

  /** What the work ends with, time being advanced as long as it takes. */
  async within<T>(work: Promise<T>, what: string): Promise<T | undefined> {
    const state = { ended: false };
    void work.finally(() => {
      state.ended = true;
    });
    for (let round = 0; round < ROUNDS; round++) {
      await settle();
      if (state.ended) return work;
      await this.#clock.advanceAsync(100);
    }
    this.violations.push(`${what} never settles`);
    return undefined;
  }
}
