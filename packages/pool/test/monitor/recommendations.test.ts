import { expect, test } from 'vitest';
import { recommend, type PoolRecommendation } from '../../src/monitor/recommendations.ts';
import { SampleHistory } from '../../src/monitor/sample-history.ts';
import { sampleOf } from '../../src/monitor/sample.ts';
import type { PoolStats } from '../../src/statistics/pool-stats.ts';
import { ScriptedPool, statsOf } from './stats-fixture.ts';

/** Ten seconds of a pool, before each of which something happens; a history of ten samples. */
function advise(
  start: Partial<PoolStats>,
  happens: (pool: ScriptedPool, second: number) => void,
): readonly PoolRecommendation[] {
  const pool = new ScriptedPool();
  pool.set(start);
  const history = new SampleHistory(10);
  for (let second = 1; second <= 10; second++) {
    const before = pool.stats();
    happens(pool, second);
    history.add(sampleOf(pool.stats(), before, second * 1000, 1000));
  }
  return recommend(pool.stats(), history.last(10_000), history);
}

test('a pool that callers wait for, all of which is out, is to be larger: as Little’s law says, at most twice', () => {
  // 100 callers a second who hold one for 100 ms are 10 at once.
  expect(
    advise({ active: 10, total: 10, waiting: 3 }, (pool) => {
      pool.add({ acquired: 100, released: 100 });
    }),
  ).toEqual([
    {
      pool: 'orders',
      option: 'max',
      current: 10,
      value: 13,
      evidence:
        'callers waited in 100 % of the last 10 s, 30 ms each; 100.0 callers a second who hold one for 100 ms need 10 at once',
    },
  ]);
  const flooded = advise({ active: 10, total: 10, waiting: 50 }, (pool) => {
    pool.add({ acquired: 100, released: 100, timeouts: 900 });
  });
  expect(flooded).toMatchObject([{ option: 'max', value: 20 }]);
});

test('while the limit is below max, it is the limit that is to be raised', () => {
  const advice = advise({ active: 4, total: 4, limit: 4, waiting: 3 }, (pool) => {
    pool.add({ acquired: 40, released: 40 });
  });
  expect(advice).toMatchObject([{ option: 'limit', current: 4, value: 5 }]);
});

test('callers that wait while much is free, or for a moment, are no reason', () => {
  const free = advise({ active: 2, waiting: 3 }, (pool) => {
    pool.add({ acquired: 40, released: 40 });
  });
  expect(free).toEqual([]);
  const short = advise({ active: 10, waiting: 1 }, (pool) => {
    pool.add({ acquired: 1000, released: 1000 });
  });
  expect(short).toEqual([]);
});

test('a pool that nothing comes back to is not to be larger, but to tell who holds what', () => {
  const stuck = { active: 10, total: 10, waiting: 3 };
  expect(advise(stuck, () => undefined)).toMatchObject([
    { option: 'leakThreshold', current: undefined, value: '30s' },
  ]);
  const useMs = { count: 1, p50: 1, p95: 1, p99: 1, max: 1 };
  expect(advise({ ...stuck, useMs }, () => undefined)).toEqual([]);
});

test('bursts that were refused need a longer queue; those who wait in vain do not', () => {
  const burst = (pool: ScriptedPool, second: number): void => {
    pool.set({ waiting: second === 5 ? 20 : 0 });
    pool.add({ acquired: 100, released: 100, rejected: second === 5 ? 30 : 0 });
  };
  expect(advise({}, burst)).toMatchObject([{ option: 'maxQueue', value: 60 }]);
  expect(
    advise({}, (pool, second) => {
      burst(pool, second);
      pool.add({ timeouts: 1 });
    }),
  ).toEqual([]);
});

test('where much of what comes back is destroyed as surplus, more are to be kept', () => {
  let surplus = 0;
  const advice = advise({ maxIdle: 2, active: 7, total: 9, idle: 2 }, (pool) => {
    surplus += 4;
    pool.add({ acquired: 10, released: 10, created: 4 });
    pool.set({ destroyed: { ...statsOf().destroyed, surplus } });
  });
  expect(advice).toMatchObject([{ option: 'maxIdle', current: 2, value: 7 }]);
  expect(advice[0]?.evidence).toBe(
    '40 of 100 that came back were destroyed, as 2 lay unused; up to 7 are out',
  );
});

test('where callers wait for creations, more are to be kept ready', () => {
  const connectMs = { count: 9, p50: 80, p95: 90, p99: 90, max: 90 };
  const advice = advise({ active: 4, total: 4, waiting: 1, connecting: 1, connectMs }, (pool) => {
    pool.add({ acquired: 10, released: 10, created: 3 });
  });
  expect(advice).toMatchObject([
    {
      option: 'min',
      current: 0,
      value: 4,
      evidence: 'callers waited for 30 creations of 80 ms; 4 are usually out',
    },
  ]);
});

test('a pool that is never half used is to be smaller, once the whole history says so', () => {
  const idle = (pool: ScriptedPool): void => {
    pool.add({ acquired: 1, released: 1 });
  };
  expect(advise({ max: 40, limit: 40, active: 3 }, idle)).toMatchObject([
    {
      option: 'max',
      current: 40,
      value: 6,
      evidence: expect.stringContaining('no more than 3') as string,
    },
  ]);
  expect(advise({ max: 40, limit: 40, active: 30 }, idle)).toEqual([]);
  expect(advise({ max: 4, limit: 4, active: 1 }, idle)).toEqual([]);
  const pool = new ScriptedPool();
  pool.set({ max: 40, active: 3 });
  const short = new SampleHistory(10);
  short.add(sampleOf(pool.stats(), pool.stats(), 0, 1000));
  expect(recommend(pool.stats(), short.last(10_000), short)).toEqual([]);
});

test('nothing is said before the first sample', () => {
  const none = new SampleHistory(10);
  expect(recommend(statsOf(), none.last(1000), none)).toEqual([]);
});
