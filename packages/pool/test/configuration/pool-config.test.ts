import { expect, test } from 'vitest';
import { poolConfig } from '../../src/configuration/pool-config.ts';
import { poolSettings, type PoolOptions } from '../../src/configuration/pool-options.ts';
import { presets } from '../../src/configuration/presets.ts';

test.each<[object, string]>([
  [{ name: '' }, 'pool.name'],
  [{ min: -1 }, 'pool.min'],
  [{ min: 11 }, 'pool.min'],
  [{ max: 0 }, 'pool.max'],
  [{ max: Infinity }, 'pool.max'],
  [{ maxIdle: 11 }, 'pool.maxIdle'],
  [{ min: 3, maxIdle: 2 }, 'pool.maxIdle'],
  [{ maxQueue: -1 }, 'pool.maxQueue'],
  [{ maxQueue: Infinity }, 'pool.maxQueue'],
  [{ acquireTimeout: 0 }, 'pool.acquireTimeout'],
  [{ connectTimeout: Infinity }, 'pool.connectTimeout'],
  [{ idleTimeout: 'soon' }, 'pool.idleTimeout'],
  [{ maxLifetime: -1 }, 'pool.maxLifetime'],
  [{ lifetimeJitter: 1.1 }, 'pool.lifetimeJitter'],
  [{ validateAfterIdle: -1 }, 'pool.validateAfterIdle'],
  [{ hookTimeout: Infinity }, 'pool.hookTimeout'],
  [{ backoff: 0 }, 'pool.backoff'],
  [{ backoff: 100, maxBackoff: 50 }, 'pool.maxBackoff'],
  [{ leakThreshold: 0 }, 'pool.leakThreshold'],
  [{ leakStacks: 1 }, 'pool.leakStacks'],
  [{ policy: {} }, 'pool.policy'],
  [{ clock: {} }, 'pool.clock'],
  [{ random: 1 }, 'pool.random'],
  [{ max: null }, 'pool.max'],
  [{ maxidle: 1 }, 'pool.maxidle'],
])('%o is refused', (options, option) => {
  const refusal = expect.objectContaining({ code: 'PERF_CONFIG', option }) as Error;
  expect(() => poolSettings('pool', options as PoolOptions)).toThrow(refusal);
  expect(() =>
    poolConfig()
      .with(options as PoolOptions)
      .build(),
  ).toThrow(refusal);
});

test('a builder makes the plain object that one would write', () => {
  const policy = { execute: <T>(): Promise<T> => Promise.reject(new Error('unused')) };
  const built = poolConfig()
    .name('orders')
    .size(2, 20)
    .maxIdle(5)
    .maxQueue(50)
    .acquireTimeout('2s')
    .connectTimeout('1s')
    .idleTimeout('1m')
    .maxLifetime('1h', 0.2)
    .healthCheck('30s')
    .leakDetection('10s', false)
    .policy(policy)
    .build();
  expect(built).toEqual({
    name: 'orders',
    min: 2,
    max: 20,
    maxIdle: 5,
    maxQueue: 50,
    acquireTimeout: '2s',
    connectTimeout: '1s',
    idleTimeout: '1m',
    maxLifetime: '1h',
    lifetimeJitter: 0.2,
    validateAfterIdle: '30s',
    leakThreshold: '10s',
    leakStacks: false,
    policy,
  });
  expect(Object.isFrozen(built)).toBe(true);
});

test('one builder can be the start of several', () => {
  const base = poolConfig().size(1, 5);
  expect(base.size(2, 6).build()).toEqual({ min: 2, max: 6 });
  expect(base.maxLifetime('1h').leakDetection('1s').build()).toEqual({
    min: 1,
    max: 5,
    maxLifetime: '1h',
    leakThreshold: '1s',
  });
});

test('the presets are valid and differ as their names say', () => {
  const all = Object.values(presets).map((preset) => poolSettings('pool', preset));
  expect(all.length).toBe(3);
  expect(presets.highThroughput.max).toBeGreaterThanOrEqual(50);
  expect(presets.lowLatency.min).toBeGreaterThanOrEqual(15);
  expect(presets.development.max).toBeLessThanOrEqual(10);
});
