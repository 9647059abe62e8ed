import type { Emitter } from '@perf/core';
import { noneDestroyed, type DestroyReason } from '../statistics/pool-stats.ts';
import { boundedHook, isThenable } from './bounded-hook.ts';
import type { ObjectPoolSettings } from './options.ts';
import { errorChannel, type PoolErrorEvent, type PoolEvents } from './telemetry.ts';

/** How objects end, and what fails on the way. */
export class Endings<T> {
  readonly destroyed: Record<DestroyReason, number> = noneDestroyed();
  /** Failures of whatever the user's functions do. */
  errors = 0;
  readonly #settings: ObjectPoolSettings<T>;
  readonly #events: Emitter<PoolEvents>;
  readonly #onEnded: () => void;
  readonly #ending = new Set<Promise<void>>();

  /** @param onEnded told when a destruction that took a while is over */
  constructor(settings: ObjectPoolSettings<T>, events: Emitter<PoolEvents>, onEnded: () => void) {
    this.#settings = settings;
    this.#events = events;
    this.#onEnded = onEnded;
  }

  /** How many are being destroyed. */
  get size(): number {
    return this.#ending.size;
  }

  destroy(value: T, reason: DestroyReason): void {
    const { clock, destroy, hookTimeout, name } = this.#settings;
    this.destroyed[reason]++;
    if (this.#events.has('destroyed')) this.#events.emit('destroyed', { pool: name, reason });
    if (destroy === undefined) return;
    try {
      const result = destroy(value);
      if (result === undefined || !isThenable(result)) return;
      const ending = boundedHook(clock, `a destruction of the pool "${name}"`, hookTimeout, result)
        .catch((error: unknown) => {
          this.report('destroy', error);
        })
        .then(() => {
          this.#ending.delete(ending);
          this.#onEnded();
        });
      this.#ending.add(ending);
    } catch (error) {
      this.report('destroy', error);
    }
  }

  /** Resolves when what is being destroyed is gone. */
  async gone(): Promise<void> {
    while (this.#ending.size > 0) await Promise.all(this.#ending);
  }

  report(during: PoolErrorEvent['during'], error: unknown): void {
    this.errors++;
    const event = { pool: this.#settings.name, during, error };
    this.#events.emit('error', event);
    if (errorChannel.active) errorChannel.publish(event);
  }
}
