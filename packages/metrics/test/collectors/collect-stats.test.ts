import { createCache, createMemoryCache } from '@perf/cache-core';
import { createObjectPool } from '@perf/pool/object';
import {
  adaptiveBulkhead,
  bulkhead,
  circuitBreaker,
  createBatcher,
  createBreakerRegistry,
  tokenBucket,
} from '@perf/resilience';
import { expect, test } from 'vitest';
import { collectStats, createRegistry } from '../../src/index.ts';
import { valuesOf } from '../fixtures/read-text.ts';

test('memory and tiered caches tell hits, misses and hit rate', async () => {
  const registry = createRegistry();
  const memory = createMemoryCache<string, number>({ maxEntries: 10 });
  memory.set('a', 1);
  memory.get('a');
  memory.get('b');
  const tiered = createCache<number>({ name: 'users', ttl: '1m' });
  await tiered.getOrSet('x', async () => 1);
  await tiered.getOrSet('x', async () => 1);
  collectStats(registry, { memory, users: tiered });
  expect(await valuesOf(registry, 'cache_hit_rate')).toEqual({ memory: 0.5, users: 0.5 });
  expect(await valuesOf(registry, 'cache_hits_total')).toEqual({ memory: 1, users: 1 });
  expect(await valuesOf(registry, 'cache_entries')).toEqual({ memory: 1, users: 1 });
  expect(await valuesOf(registry, 'cache_loads_total')).toEqual({ users: 1 });
  expect(await valuesOf(registry, 'cache_tier_hits_total')).toEqual({ 'users,memory': 1 });
  memory.close();
  await tiered.close();
});

test('pools tell who is out, who waits, and their percentiles', async () => {
  const registry = createRegistry();
  await using pool = createObjectPool({ name: 'db', max: 2, create: () => ({}) });
  collectStats(registry, { db: pool });
  const lease = await pool.acquire();
  expect(await valuesOf(registry, 'pool_resources')).toMatchObject({ 'db,active': 1 });
  expect(await valuesOf(registry, 'pool_acquired_total')).toEqual({ db: 1 });
  expect(await valuesOf(registry, 'pool_acquire_seconds_count')).toEqual({ db: 1 });
  expect(Object.keys(await valuesOf(registry, 'pool_acquire_seconds'))).toEqual([
    'db,0.5',
    'db,0.95',
    'db,0.99',
  ]);
  lease.release();
});

test('circuit breakers tell their state, alone and by their registry', async () => {
  const registry = createRegistry();
  const alone = circuitBreaker({ name: 'alone' });
  const breakers = createBreakerRegistry();
  await breakers.protectedCall('mail', async () => 1);
  collectStats(registry, { alone, all: breakers });
  alone.isolate();
  expect(await valuesOf(registry, 'circuit_breaker_state')).toEqual({
    'alone,closed': 0,
    'alone,open': 0,
    'alone,half-open': 0,
    'alone,isolated': 1,
    'mail,closed': 1,
    'mail,open': 0,
    'mail,half-open': 0,
    'mail,isolated': 0,
  });
  expect(await valuesOf(registry, 'circuit_breaker_calls_total')).toMatchObject({
    'mail,succeeded': 1,
  });
});

test('bulkheads, limiters and batchers tell what they let in', async () => {
  const registry = createRegistry();
  const fixed = bulkhead({ name: 'fixed', limit: 3 });
  const adaptive = adaptiveBulkhead({ name: 'adaptive' });
  const limiter = tokenBucket({ name: 'api', rate: 10, burst: 1 });
  const batcher = createBatcher<number, number>({ load: async (keys) => [...keys] });
  await fixed.execute(async () => 1);
  await adaptive.execute(async () => 1);
  limiter.tryTake('key');
  limiter.tryTake('key');
  await batcher.load(1);
  collectStats(registry, { fixed, adaptive, api: limiter, batches: batcher });
  expect(await valuesOf(registry, 'bulkhead_admitted_total')).toEqual({ fixed: 1, adaptive: 1 });
  expect(await valuesOf(registry, 'bulkhead_limit')).toMatchObject({ fixed: 3 });
  expect(await valuesOf(registry, 'rate_limiter_requests_total')).toEqual({
    'api,admitted': 1,
    'api,refused': 1,
    'api,aborted': 0,
  });
  expect(await valuesOf(registry, 'batcher_batches_total')).toEqual({ batches: 1 });
  await batcher.close();
});

test('what has the same fields is told, whatever it is, and managers tell all that they manage', async () => {
  const registry = createRegistry();
  const manager = { stats: () => ({ totalHits: 1, caches: { a: { hits: 1, misses: 0 } } }) };
  const byName = { stats: () => ({ b: { hits: 2, misses: 0 }, c: { hits: 3, misses: 0 } }) };
  collectStats(registry, { manager, byName });
  expect(await valuesOf(registry, 'cache_hits_total')).toEqual({ a: 1, b: 2, c: 3 });
});

test('sources may come and go; what is gone is not told', async () => {
  const registry = createRegistry();
  const of = (hits: number) => ({ stats: () => ({ hits, misses: 0 }) });
  const sources: Record<string, ReturnType<typeof of>> = {};
  const end = collectStats(registry, () => sources);
  expect(await valuesOf(registry, 'cache_hits_total')).toEqual({});
  sources['a'] = of(1);
  expect(await valuesOf(registry, 'cache_hits_total')).toEqual({ a: 1 });
  delete sources['a'];
  sources['b'] = of(2);
  expect(await valuesOf(registry, 'cache_hits_total')).toEqual({ b: 2 });
  end();
  expect(await valuesOf(registry, 'cache_hits_total')).toEqual({});
});

test('one source that throws hides no other, and is told', async () => {
  const registry = createRegistry();
  const errors: unknown[] = [];
  registry.on('collectorError', ({ error }) => errors.push(error));
  let fails = false;
  const failing = {
    stats() {
      if (fails) throw new Error('closed');
      return { hits: 1, misses: 1 };
    },
  };
  collectStats(registry, { failing, sound: { stats: () => ({ hits: 4, misses: 0 }) } });
  fails = true;
  expect(await valuesOf(registry, 'cache_hits_total')).toEqual({ sound: 4 });
  expect(errors).toEqual([expect.objectContaining({ message: 'closed' })]);
  expect(await valuesOf(registry, 'metrics_collector_errors_total')).toEqual({ '': 2 });
});

test('what has no statistics of a known form is refused at once', () => {
  const registry = createRegistry();
  expect(() => collectStats(registry, { it: { stats: () => ({ apples: 1 }) } })).toThrow(
    /^it must be something whose statistics are of a known form: a circuit breaker, a pool/,
  );
  expect(() => collectStats(registry, { it: {} as never })).toThrow(
    'it must be an object with stats() or snapshot(), got an object',
  );
});
