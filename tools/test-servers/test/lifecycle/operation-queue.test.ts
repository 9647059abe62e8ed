import { createDeferred } from '@perf/core';
import { expect, test } from 'vitest';
import { OperationQueue } from '../../src/lifecycle/operation-queue.ts';

test('an operation begins when the one before has ended, even if that failed', async () => {
  const queue = new OperationQueue('the server');
  const steps: string[] = [];
  const gate = createDeferred();
  const first = queue.run(async () => {
    await gate.promise;
    steps.push('first');
    throw new Error('broken');
  });
  const second = queue.run(() => {
    steps.push('second');
  });
  await Promise.resolve();
  expect(steps).toEqual([]);
  gate.resolve();
  await expect(first).rejects.toThrow('broken');
  await second;
  expect(steps).toEqual(['first', 'second']);
});

test('closing comes last, once, and nothing after it', async () => {
  const queue = new OperationQueue('the server');
  const steps: string[] = [];
  const run = queue.run(async () => {
    await Promise.resolve();
    steps.push('run');
  });
  const close = (): Promise<void> =>
    queue.close(() => {
      steps.push('closed');
    });
  const closing = close();
  expect(close()).toBe(closing);
  await expect(queue.run(() => undefined)).rejects.toThrow(
    expect.objectContaining({ code: 'PERF_CLOSED' }),
  );
  await Promise.all([run, closing]);
  expect(steps).toEqual(['run', 'closed']);
});
