import { createPoolRegistry, type PoolStats } from '@perf/pool';
import { createHttpPool } from '@perf/pool/http';
import {
  createBufferPool,
  createObjectPool,
  type BufferLease,
  type BufferPoolStats,
  type Lease,
} from '@perf/pool/object';
import { expectTypeOf, test } from 'vitest';

const pools = createPoolRegistry({
  objects: createObjectPool({ create: () => ({ one: 1 }) }),
  buffers: createBufferPool(),
  http: createHttpPool(),
});

test('each pool keeps its own types', () => {
  expectTypeOf(pools.acquire('objects', { timeout: 1 })).resolves.toEqualTypeOf<
    Lease<{ one: number }>
  >();
  expectTypeOf(pools.acquire('buffers', 10, true)).resolves.toEqualTypeOf<BufferLease>();
  expectTypeOf(pools.stats().objects).toEqualTypeOf<PoolStats>();
  expectTypeOf(pools.stats().buffers).toEqualTypeOf<BufferPoolStats>();
  // @ts-expect-error there is nothing to be acquired
  void pools.acquire('http');
  // @ts-expect-error a size is needed
  void pools.acquire('buffers');
  // @ts-expect-error there is no such pool
  pools.get('orders');
});
