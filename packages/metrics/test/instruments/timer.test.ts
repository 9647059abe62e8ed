import { createDeferred } from '@perf/core';
import { ManualClock } from '@perf/core/testing';
import { expect, test } from 'vitest';
import { createRegistry } from '../../src/index.ts';

const clock = new ManualClock();
const make = () => createRegistry({ clock }).timer({ name: 'job_seconds' });

test('what returns is a success, what throws a failure, and both are timed', () => {
  const timer = make();
  const result = timer.time(() => {
    clock.advance(20);
    return 7;
  });
  expect(result).toBe(7);
  expect(() =>
    timer.time(() => {
      clock.advance(40);
      throw new Error('no');
    }),
  ).toThrow('no');
  expect(timer.summary()).toMatchObject({
    count: 2,
    failures: 1,
    errorRate: 0.5,
    min: 20,
    max: 40,
  });
  expect(timer.success.sum).toBeCloseTo(0.02);
  expect(timer.failure.count).toBe(1);
});

test('promises are timed until they settle, and come back as they are', async () => {
  const timer = make();
  const work = createDeferred<string>();
  const result = timer.time(() => work.promise);
  expect(result).toBe(work.promise);
  clock.advance(100);
  expect(timer.success.count).toBe(0);
  work.resolve('done');
  expect(await result).toBe('done');
  await expect(timer.time(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(timer.summary()).toMatchObject({ count: 2, failures: 1, max: 100 });
});

test('a thenable that works when it is asked is asked once', async () => {
  const timer = make();
  let runs = 0;
  const query = {
    // oxlint-disable-next-line unicorn/no-thenable -- what is tested
    then(resolve: (value: number) => unknown) {
      runs++;
      return Promise.resolve(9).then(resolve);
    },
  } as PromiseLike<number>;
  expect(await timer.time(() => query)).toBe(9);
  expect(runs).toBe(1);
  expect(timer.success.count).toBe(1);
});

test('a span counts once, however often it ends', () => {
  const timer = make();
  const span = timer.start();
  clock.advance(5);
  expect(span.fail()).toBe(5);
  clock.advance(5);
  expect(span.end()).toBe(5);
  expect(timer.summary()).toMatchObject({ count: 1, failures: 1 });
  {
    using _ = timer.start();
    clock.advance(3);
  }
  expect(timer.success.count).toBe(1);
});

test('each set of labels has both outcomes, also before anything was timed', () => {
  const registry = createRegistry({ clock });
  const jobs = registry.timer({ name: 'job_seconds', labels: ['job'] });
  jobs.child({ job: 'a' });
  jobs.record({ job: 'b' }, 10, 'failure');
  jobs.start({ job: 'b' }).end();
  expect(jobs.time({ job: 'b' }, () => 1)).toBe(1);
  expect(jobs.child({ job: 'b' }).summary()).toMatchObject({ count: 3, failures: 1 });
  const { labelValues } = registry.snapshot().metrics[0] ?? {};
  expect(labelValues).toEqual(['a', 'success', 'a', 'failure', 'b', 'success', 'b', 'failure']);
  expect(jobs.remove({ job: 'a' })).toBe(true);
  expect(registry.snapshot().metrics[0]).toMatchObject({ size: 2 });
  expect(registry.timer({ name: 'job_seconds', labels: ['job'] })).toBe(jobs);
});
