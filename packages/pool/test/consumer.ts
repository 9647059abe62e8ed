// Compiled against the packed package and run, once as an ES module and once as CommonJS.
import { deepStrictEqual as equal } from 'node:assert';
import { MissingDriverError, PerfError } from '@perf/core';
import {
  createPoolAutoscaler,
  createPoolMonitor,
  createPoolRegistry,
  poolConfig,
  PoolExhaustedError,
  presets,
} from '@perf/pool';
import { createClickHousePool } from '@perf/pool/clickhouse';
import { createHttpPool } from '@perf/pool/http';
import { createBufferPool, createObjectPool } from '@perf/pool/object';
import { createPostgresPool } from '@perf/pool/postgres';

const options = poolConfig().with(presets.development).size(1, 1).build();
const things = createObjectPool({ ...options, create: () => ({ n: 0 }) });

async function run(): Promise<void> {
  const pools = createPoolRegistry({ things });
  equal(createPoolAutoscaler(things).snapshot().limit, 1);
  equal(createPoolMonitor(things).health().status, 'healthy');
  const lease = await pools.acquire('things');
  lease.value.n++;
  try {
    things.borrow();
  } catch (error) {
    equal([error instanceof PoolExhaustedError, error instanceof PerfError], [true, true]);
  }
  lease.release();
  // Without their drivers, which are not installed here.
  const error: unknown = await createPostgresPool()
    .query('select 1')
    .catch((cause: unknown) => cause);
  equal(error instanceof Error && error.cause instanceof MissingDriverError, true);
  const unasked: unknown = await createClickHousePool()
    .query('SELECT 1')
    .catch((cause: unknown) => cause);
  equal(unasked instanceof MissingDriverError, true);
  const unsent: unknown = await createHttpPool()
    .request('http://127.0.0.1:1')
    .catch((cause: unknown) => cause);
  equal(unsent instanceof MissingDriverError, true);
  equal(await things.use(({ n }) => n), 1);
  equal(createBufferPool().acquire(10, true).buffer.toString('hex'), '00'.repeat(10));
  // The process ends by itself, though nothing is closed: no timer that is left keeps it alive.
  console.log('works', pools.stats().things.idle);
}
void run();
