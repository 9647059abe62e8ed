import { ManualClock } from '@perf/core/testing';
import { expect, test } from 'vitest';
import { createHttpPool } from '../../src/http/http-pool.ts';
import { createBufferPool } from '../../src/object/buffer-pool.ts';
import { createObjectPool } from '../../src/object/object-pool.ts';
import { createPoolRegistry } from '../../src/registry/pool-registry.ts';

test('pools are acquired by name, read and drained together', async () => {
  const clock = new ManualClock();
  const numbers = createObjectPool({ clock, create: () => ({ one: 1 }) });
  const texts = createObjectPool({ clock, create: () => ({ text: 'a' }) });
  const pools = createPoolRegistry({ numbers, texts });
  expect(pools.names).toEqual(['numbers', 'texts']);
  expect(pools.get('texts')).toBe(texts);
  const lease = await pools.acquire('numbers');
  expect(lease.value.one).toBe(1);
  expect(pools.stats()).toMatchObject({ numbers: { active: 1 }, texts: { active: 0 } });
  lease.release();
  await pools.close();
  await pools[Symbol.asyncDispose]();
  await expect(texts.acquire()).rejects.toMatchObject({ code: 'PERF_POOL_CLOSED' });
});

test('every kind of pool can be in one, each with its own acquire and statistics', async () => {
  const objects = createObjectPool({ create: () => ({ one: 1 }) });
  const buffers = createBufferPool();
  const http = createHttpPool({ max: 7 });
  const pools = createPoolRegistry({ objects, buffers, http });
  const [object, buffer] = [
    await pools.acquire('objects', { timeout: 100 }),
    await pools.acquire('buffers', 1000, true),
  ];
  expect([object.value.one, buffer.buffer.length]).toEqual([1, 1000]);
  expect(pools.stats()).toMatchObject({
    objects: { active: 1 },
    buffers: { activeBytes: 1024 },
    http: { max: 7 },
  });
  pools.release('objects', object);
  pools.release('buffers', buffer);
  expect(pools.stats()).toMatchObject({ objects: { active: 0 }, buffers: { idleBytes: 1024 } });
  await expect(pools.acquire('http' as 'objects')).rejects.toMatchObject({ code: 'PERF_CONFIG' });
  await pools.drain({ timeout: 100 });
  expect(pools.stats().buffers.idleBytes).toBe(0);
  buffers.acquire(10).release();
  expect(buffers.stats()).toMatchObject({ idle: 0, acquired: 2, released: 2 });
});

test('a name that does not exist is refused, telling those that do', async () => {
  const pools = createPoolRegistry({ a: createObjectPool({ create: () => 1 }) });
  const refusal = expect.objectContaining({ code: 'PERF_CONFIG', option: 'pool' }) as Error;
  expect(() => pools.get('b' as 'a')).toThrow(refusal);
  await expect(pools.acquire('toString' as 'a')).rejects.toThrow(refusal);
  expect(() => createPoolRegistry({ '': createObjectPool({ create: () => 1 }) })).toThrow(
    expect.objectContaining({ option: 'pools' }) as Error,
  );
  await pools.close();
});

test('a pool that fails to drain does not keep the others from it', async () => {
  const good = createObjectPool({ create: () => 1 });
  const bad = {
    ...good,
    acquire: () => good.acquire(),
    stats: () => good.stats(),
    drain: () => Promise.reject(new Error('stuck')),
  };
  const pools = createPoolRegistry({ bad, good });
  await expect(pools.drain()).rejects.toMatchObject({ errors: [{ message: 'stuck' }] });
  await expect(good.acquire()).rejects.toMatchObject({ code: 'PERF_POOL_CLOSED' });
});
