import { Emitter, type Closeable, type Listenable, type Timer } from '@perf/core';
import type { PoolStats } from '../statistics/pool-stats.ts';
import { Health } from './health.ts';
import { poolMonitorSettings, type PoolMonitorOptions } from './options.ts';
import type { PoolMonitorSettings } from './options.ts';
import { recommend, type PoolRecommendation } from './recommendations.ts';
import { SampleHistory } from './sample-history.ts';
import { sampleOf, type PoolSample } from './sample.ts';
import {
  POOL_MONITOR_EVENTS,
  statusChannel,
  type PoolHealth,
  type PoolMonitorEvents,
} from './telemetry.ts';

/** What can be monitored: every pool. */
export interface MonitoredPool {
  stats(): PoolStats;
}

/** Looks at a pool from time to time, remembers, and judges. */
export interface PoolMonitor extends Listenable<PoolMonitorEvents>, Closeable {
  /** How the pool does, by the last samples. */
  health(): PoolHealth;
  /** The samples that are kept, the oldest first. */
  history(): readonly PoolSample[];
  /** What to change, by the last samples; empty when nothing is to be said. */
  recommendations(): readonly PoolRecommendation[];
  /** Takes a sample now, beside those of the interval. */
  sample(): PoolSample;
}

/**
 * Samples the pool's statistics on an interval, by a timer that keeps no process alive. A pool is healthy until samples say something
 * else.
 * @throws {@link ConfigError} for an option that is refused
 * @example
 * const monitor = createPoolMonitor(pool);
 * monitor.on('status', ({ status, reasons, recommendations }) => logger.warn({ status, reasons, recommendations }));
 */
export function createPoolMonitor(
  pool: MonitoredPool,
  options: PoolMonitorOptions = {},
): PoolMonitor {
  return new SamplingMonitor(pool, poolMonitorSettings(options));
}

class SamplingMonitor implements PoolMonitor {
  readonly #pool: MonitoredPool;
  readonly #settings: PoolMonitorSettings;
  readonly #events = new Emitter<PoolMonitorEvents>(POOL_MONITOR_EVENTS);
  readonly #history: SampleHistory;
  readonly #health: Health;
  #timer: Timer | undefined;
  #before: PoolStats;
  #sampledAt: number;
  #since: number;

  constructor(pool: MonitoredPool, settings: PoolMonitorSettings) {
    const { clock, history, thresholds } = settings;
    this.#pool = pool;
    this.#settings = settings;
    this.#history = new SampleHistory(history);
    this.#health = new Health(settings, thresholds);
    this.#before = pool.stats();
    this.#sampledAt = clock.now();
    this.#since = clock.epoch();
    this.#arm();
  }

  health(): PoolHealth {
    const { status, reasons } = this.#health;
    return { pool: this.#before.name, status, since: this.#since, reasons };
  }

  history(): readonly PoolSample[] {
    return this.#history.all();
  }

  recommendations(): readonly PoolRecommendation[] {
    const window = this.#history.last(this.#settings.window);
    return recommend(this.#before, window, this.#history);
  }

  sample(): PoolSample {
    const { clock, window } = this.#settings;
    const stats = this.#pool.stats();
    const now = clock.now();
    const sample = sampleOf(stats, this.#before, clock.epoch(), now - this.#sampledAt);
    this.#before = stats;
    this.#sampledAt = now;
    this.#history.add(sample);
    const previous = this.#health.status;
    this.#health.judge(this.#history.last(window));
    this.#events.emit('sample', sample);
    if (this.#health.status !== previous) this.#tell(previous);
    return sample;
  }

  on<Event extends keyof PoolMonitorEvents>(
    event: Event,
    listener: (payload: PoolMonitorEvents[Event]) => void,
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
      this.sample();
    }, interval);
  }

  #tell(previous: PoolHealth['status']): void {
    this.#since = this.#settings.clock.epoch();
    const event = { ...this.health(), previous, recommendations: this.recommendations() };
    this.#events.emit('status', event);
    if (statusChannel.active) statusChannel.publish(event);
  }
}
