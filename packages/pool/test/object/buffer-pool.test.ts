import { describe, expect, test } from 'vitest';
import { createBufferPool, type BufferPoolOptions } from '../../src/object/buffer-pool.ts';

describe('a buffer pool', () => {
  test('hands out exactly the size, of memory of its own, and the same memory again', () => {
    const pool = createBufferPool();
    const first = pool.acquire(1500);
    const { buffer } = first.buffer;
    expect([first.buffer.length, buffer.byteLength]).toEqual([1500, 2048]);
    first.release();
    const second = pool.acquire(2000);
    expect(second.buffer.buffer).toBe(buffer);
    expect(pool.acquire(2000).buffer.buffer).not.toBe(buffer);
    expect(pool.stats()).toMatchObject({ created: 2, active: 2, activeBytes: 4096, idle: 0 });
  });

  test('zeroes on request, and then leaves nothing for whoever does not ask', () => {
    const pool = createBufferPool();
    const dirty = pool.acquire(1024);
    dirty.buffer.fill(7);
    dirty.release();
    const clean = pool.acquire(1024, true);
    expect(clean.buffer.every((byte) => byte === 0)).toBe(true);
    clean.buffer.fill(9);
    clean.release();
    expect(pool.acquire(1024).buffer.every((byte) => byte === 0)).toBe(true);
  });

  test('keeps no more than its budget, and nothing that is too large', () => {
    const pool = createBufferPool({ maxBytes: '3kb', maxSize: '2kb' });
    const leases = [1024, 2048, 1024, 5000].map((size) => pool.acquire(size));
    for (const lease of leases) lease.release();
    expect(pool.stats()).toMatchObject({
      idleBytes: 3072,
      idle: 2,
      activeBytes: 0,
      dropped: 2,
      acquired: 4,
      released: 4,
    });
    pool.clear();
    expect(pool.stats()).toMatchObject({ idleBytes: 0, idle: 0, dropped: 4 });
  });

  test('refuses what is given back twice, though it is out again, and any further use', () => {
    const pool = createBufferPool();
    const lease = pool.acquire(10);
    lease.release();
    pool.acquire(10);
    for (const again of [() => lease.release(), () => lease.buffer]) {
      expect(again).toThrow(expect.objectContaining({ code: 'PERF_POOL_DOUBLE_RELEASE' }) as Error);
    }
    lease[Symbol.dispose]();
    expect(pool.stats()).toMatchObject({ active: 1, idle: 0 });
  });

  test.each([0, 1, 2 ** 10, 2 ** 10 + 1, 2 ** 20, 2 ** 20 + 1])('serves %d bytes', (size) => {
    const pool = createBufferPool();
    const lease = pool.acquire(size);
    expect(lease.buffer.length).toBe(size);
    lease.release();
    expect(pool.stats().activeBytes).toBe(0);
  });

  test.each([-1, 1.5, Number.NaN, Infinity])('refuses a size of %d', (size) => {
    expect(() => createBufferPool().acquire(size)).toThrow(
      expect.objectContaining({ code: 'PERF_CONFIG', option: 'size' }) as Error,
    );
  });
});

test.each<[object, string]>([
  [{ name: '' }, 'bufferPool.name'],
  [{ maxBytes: -1 }, 'bufferPool.maxBytes'],
  [{ minSize: 0 }, 'bufferPool.minSize'],
  [{ minSize: '2gb' }, 'bufferPool.minSize'],
  [{ maxSize: 'big' }, 'bufferPool.maxSize'],
  [{ maxSize: 100 }, 'bufferPool.maxSize'],
  [{ zero: 1 }, 'bufferPool.zero'],
  [{ zeros: true }, 'bufferPool.zeros'],
])('%o is refused', (options, option) => {
  expect(() => createBufferPool(options as BufferPoolOptions)).toThrow(
    expect.objectContaining({ code: 'PERF_CONFIG', option }) as Error,
  );
});
