import { getEventListeners } from 'node:events';
import { ClosedError, createDeferred, Lifecycle } from '@perf/core';
import { describe, expect, test, vi } from 'vitest';

test('it is open until it is closed', async () => {
  const lifecycle = new Lifecycle('cache "users"', () => {});
  expect(lifecycle.isOpen).toBe(true);
  expect(lifecycle.signal.aborted).toBe(false);
  expect(() => lifecycle.assertOpen()).not.toThrow();
  await lifecycle.close();
  expect(lifecycle.isOpen).toBe(false);
  expect(() => lifecycle.assertOpen()).toThrow(ClosedError);
  expect(() => lifecycle.assertOpen()).toThrow('cache "users" is closed; create a new one');
});

test('it counts as closed as soon as closing begins', async () => {
  const released = createDeferred();
  const lifecycle = new Lifecycle('pool', () => released.promise);
  const closing = lifecycle.close();
  expect(lifecycle.isOpen).toBe(false);
  expect(() => lifecycle.assertOpen()).toThrow(ClosedError);
  expect(lifecycle.signal.reason).toBeInstanceOf(ClosedError);
  released.resolve();
  await closing;
});

test('closing many times releases once, and all get the same promise', async () => {
  const release = vi.fn<() => void>();
  const lifecycle = new Lifecycle('pool', release);
  const first = lifecycle.close();
  expect(lifecycle.close()).toBe(first);
  await first;
  expect(lifecycle.close()).toBe(first);
  expect(release).toHaveBeenCalledTimes(1);
});

test('close() resolves only when the release has ended', async () => {
  const released = createDeferred();
  const lifecycle = new Lifecycle('pool', () => released.promise);
  let closed = false;
  const closing = lifecycle.close().then(() => (closed = true));
  await Promise.resolve();
  expect(closed).toBe(false);
  released.resolve();
  await closing;
  expect(closed).toBe(true);
});

describe('a release that fails rejects every close()', () => {
  test.each([
    [
      'by throwing',
      () => {
        throw new Error('busy');
      },
    ],
    ['by rejecting', () => Promise.reject(new Error('busy'))],
  ])('%s', async (_, release: () => void | Promise<void>) => {
    const lifecycle = new Lifecycle('pool', release);
    await expect(lifecycle.close()).rejects.toThrow('busy');
    await expect(lifecycle.close()).rejects.toThrow('busy');
    expect(lifecycle.isOpen).toBe(false);
  });
});

describe('closing from within closing', () => {
  test('a listener of the signal finds it closed and gets the same promise', async () => {
    const release = vi.fn<() => void>();
    const lifecycle = new Lifecycle('pool', release);
    let inner: Promise<void> | undefined;
    lifecycle.signal.addEventListener('abort', () => {
      expect(lifecycle.isOpen).toBe(false);
      inner = lifecycle.close();
    });
    const outer = lifecycle.close();
    expect(inner).toBe(outer);
    await outer;
    expect(release).toHaveBeenCalledTimes(1);
  });

  test('the release gets the same promise', async () => {
    let inner: Promise<void> | undefined;
    const lifecycle = new Lifecycle('pool', () => {
      inner = lifecycle.close();
    });
    const outer = lifecycle.close();
    await outer;
    expect(inner).toBe(outer);
  });
});

test('the signal is told before the release runs', async () => {
  const order: string[] = [];
  const lifecycle = new Lifecycle('pool', () => {
    order.push('release');
  });
  lifecycle.signal.addEventListener('abort', () => order.push('signal'), { once: true });
  await lifecycle.close();
  expect(order).toEqual(['signal', 'release']);
  expect(getEventListeners(lifecycle.signal, 'abort')).toHaveLength(0);
});

test('any number may listen to the signal without a warning of a leak', () => {
  const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
  const { signal } = new Lifecycle('pool', () => {});
  for (let count = 0; count < 100; count++) signal.addEventListener('abort', () => {});
  expect(warned).not.toHaveBeenCalled();
});
