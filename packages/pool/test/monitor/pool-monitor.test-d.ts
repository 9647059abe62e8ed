import {
  createPoolAutoscaler,
  createPoolMonitor,
  type MonitoredPool,
  type ScalablePool,
} from '@perf/pool';
import type { HttpPool } from '@perf/pool/http';
import type { BufferPool, ObjectPool } from '@perf/pool/object';
import type { PostgresPool } from '@perf/pool/postgres';
import { expectTypeOf, test } from 'vitest';

test('every pool that has a limit can be monitored and scaled', () => {
  expectTypeOf<ObjectPool<string>>().toExtend<MonitoredPool & ScalablePool>();
  expectTypeOf<PostgresPool>().toExtend<MonitoredPool & ScalablePool>();
  expectTypeOf<HttpPool>().toExtend<MonitoredPool & ScalablePool>();
  expectTypeOf<BufferPool>().not.toExtend<MonitoredPool>();
  expectTypeOf(createPoolMonitor).parameter(0).toEqualTypeOf<MonitoredPool>();
  expectTypeOf(createPoolAutoscaler).parameter(0).toEqualTypeOf<ScalablePool>();
});
