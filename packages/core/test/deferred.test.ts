import { createDeferred } from '@perf/core';
import { expect, test } from 'vitest';

test('the promise settles as its ends say, and the first one wins', async () => {
  const resolved = createDeferred<number>();
  resolved.resolve(1);
  resolved.reject(new Error('too late'));
  await expect(resolved.promise).resolves.toBe(1);

  const rejected = createDeferred<number>();
  rejected.reject(new Error('no'));
  rejected.resolve(1);
  await expect(rejected.promise).rejects.toThrow('no');
});

test('it follows a promise that it is resolved with', async () => {
  const outer = createDeferred<string>();
  const inner = createDeferred<string>();
  outer.resolve(inner.promise);
  inner.resolve('inner');
  await expect(outer.promise).resolves.toBe('inner');
});

test('its ends work without their object', async () => {
  const { promise, resolve } = createDeferred();
  resolve();
  await expect(promise).resolves.toBeUndefined();
});
