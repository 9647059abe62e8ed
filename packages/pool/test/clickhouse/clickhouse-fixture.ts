import { clickHouseIsMissing, startClickHouse, type ClickHouseServer } from '@perf/test-servers';
import { afterEach, expect, vi } from 'vitest';
import {
  createClickHousePool,
  type ClickHousePool,
  type ClickHousePoolOptions,
} from '../../src/clickhouse.ts';

/** For `describe.skipIf`: says aloud, once per file, why there are no results. */
export const clickHouseMissing: string | undefined = await clickHouseIsMissing();

if (clickHouseMissing !== undefined) {
  console.warn(`\n*** the tests of the ClickHouse pool are SKIPPED: ${clickHouseMissing}\n`);
}

/** For faults: a server of our own, whatever the environment says. */
export function startOwnServer(): Promise<ClickHouseServer> {
  return startClickHouse({ env: {} });
}

const pools: ClickHousePool[] = [];

/** A pool that is drained after the test, and then has to keep the law. */
export function poolOf(
  server: Pick<ClickHouseServer, 'url'>,
  options: ClickHousePoolOptions = {},
): ClickHousePool {
  const pool = createClickHousePool({
    url: server.url,
    max: 4,
    // What these bound has tests of its own; a busy machine takes its time.
    acquireTimeout: '5m',
    queryTimeout: '5m',
    stallTimeout: '5m',
    hookTimeout: '1m',
    ...options,
  });
  pools.push(pool);
  return pool;
}

afterEach(async () => {
  for (const pool of pools.splice(0)) {
    await pool.drain({ timeout: 0 });
    expectLaw(pool);
  }
});

export function expectLaw(pool: ClickHousePool): void {
  const { acquired, released, active, waiting } = pool.stats();
  expect({ active, waiting, released }).toEqual({ active: 0, waiting: 0, released: acquired });
}

let tables = 0;

/** A name that no other test has. */
export function tableName(): string {
  return `perf_${process.pid}_${++tables}_${Math.trunc(performance.now())}`;
}

/** For what takes its time: a busy machine is slow. */
export const patient = { timeout: 30_000, interval: 50 } as const;

export function settled(pool: ClickHousePool): Promise<void> {
  return vi.waitFor(() => expect(pool.stats().active).toBe(0), patient);
}

/** By hand: nothing gives the iteration up but the test. */
export function iterate<T>(from: AsyncIterable<T>): AsyncIterator<T> {
  return from[Symbol.asyncIterator]();
}
