import { Emitter, type Closeable, type Listenable, type Timer } from '@perf/core';
import type { PoolStats } from '../statistics/pool-stats.ts';
import { AutoscaleLaw } from './autoscale-law.ts';
import { Measuring } from './measurement.ts';
import { LOOKS, poolAutoscalerSettings, type PoolAutoscalerOptions } from './options.ts';
import type { PoolAutoscalerSettings } from './options.ts';
import { limitChannel, POOL_AUTOSCALER_EVENTS, type PoolAutoscalerEvents } from './telemetry.ts';

/** What can be scaled: every pool. */
export interface ScalablePool {
  stats(): PoolStats;
  setLimit(limit: number): void;
}

/** Where an autoscaler stands. */
export interface PoolAutoscalerSnapshot {
  readonly limit: number;
  readonly min: number;
  readonly max: number;
  /** Whether the limit is on trial: it may go back. */
  readonly isTrying: boolean;
  /** How often it has changed the limit. */
  readonly changes: number;
}

/** Sets a pool's limit by what it sees. Closing it leaves the limit where it is. */
export interface PoolAutoscaler extends Listenable<PoolAutoscalerEvents>, Closeable {
  snapshot(): PoolAutoscalerSnapshot;
}

/**
 * Moves the limit of a pool between bounds: up while callers wait and it helps, down to what was needed of late. A limit that somebody else
 * sets is taken over as it is. Its timer keeps no process alive.
 * @throws {@link ConfigError} for an option that is refused
 * @example
 * const autoscaler = createPoolAutoscaler(pool, { min: 2, max: 50 });
 * autoscaler.on('limit', ({ previous, limit, reason }) => logger.info({ previous, limit, reason }));
 */
export function createPoolAutoscaler(
  pool: ScalablePool,
  options: PoolAutoscalerOptions = {},
): PoolAutoscaler {
  return new LimitAutoscaler(pool, poolAutoscalerSettings(pool.stats(), options));
}

class LimitAutoscaler implements PoolAutoscaler {
  readonly #pool: ScalablePool;
  readonly #settings: PoolAutoscalerSettings;
  readonly #law: AutoscaleLaw;
  readonly #measuring: Measuring;
  readonly #events = new Emitter<PoolAutoscalerEvents>(POOL_AUTOSCALER_EVENTS);
  #changes = 0;
  #timer: Timer | undefined;

  constructor(pool: ScalablePool, settings: PoolAutoscalerSettings) {
    this.#pool = pool;
    this.#settings = settings;
    this.#law = new AutoscaleLaw(settings);
    pool.setLimit(settings.initial);
    this.#measuring = new Measuring(pool.stats(), settings.clock.now());
    this.#arm();
  }

  snapshot(): PoolAutoscalerSnapshot {
    const { min, max } = this.#settings;
    const { limit, isTrying } = this.#law;
    return { limit, min, max, isTrying, changes: this.#changes };
  }

  on<Event extends keyof PoolAutoscalerEvents>(
    event: Event,
    listener: (payload: PoolAutoscalerEvents[Event]) => void,
  ): () => void {
    return this.#events.on(event, listener);
  }

  async close(): Promise<void> {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #arm(): void {
    const { clock, interval } = this.#settings;
    this.#timer = clock.setTimer(() => {
      this.#arm();
      this.#look();
    }, interval / LOOKS);
  }

  #look(): void {
    const stats = this.#pool.stats();
    this.#measuring.look(stats);
    if (this.#measuring.looks < LOOKS) return;
    const measurement = this.#measuring.finish(stats, this.#settings.clock.now());
    const previous = this.#law.limit;
    if (stats.limit !== previous) {
      this.#law.adopt(stats.limit);
      return;
    }
    const change = this.#law.decide(measurement);
    if (change === undefined) return;
    const { limit, reason } = change;
    this.#changes++;
    this.#pool.setLimit(limit);
    const event = { pool: stats.name, limit, previous, reason, measurement };
    this.#events.emit('limit', event);
    if (limitChannel.active) limitChannel.publish(event);
  }
}
