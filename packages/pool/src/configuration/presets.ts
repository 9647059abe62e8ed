import type { PoolOptions } from './pool-options.ts';

/** Starting points, to be spread into a pool's options or given to a builder's `with`. */
export const presets: {
  /** Many callers at once; a long queue, patient. */
  readonly highThroughput: PoolOptions;
  /** Ready before anybody asks; a short queue, gives up soon. */
  readonly lowLatency: PoolOptions;
  /** Few, and leaks are told soon. */
  readonly development: PoolOptions;
} = Object.freeze({
  highThroughput: Object.freeze({
    min: 10,
    max: 50,
    maxQueue: 5000,
    acquireTimeout: '30s',
    idleTimeout: '10m',
  } satisfies PoolOptions),
  lowLatency: Object.freeze({
    min: 20,
    max: 30,
    maxQueue: 100,
    acquireTimeout: '2s',
    idleTimeout: '30m',
  } satisfies PoolOptions),
  development: Object.freeze({
    min: 0,
    max: 5,
    maxQueue: 100,
    acquireTimeout: '10s',
    idleTimeout: '30s',
    leakThreshold: '10s',
  } satisfies PoolOptions),
});
