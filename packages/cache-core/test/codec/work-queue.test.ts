import { createDeferred, type Deferred } from '@perf/core';
import { settle } from '@perf/core/testing';
import { describe, expect, it } from 'vitest';
import { createWorkQueue } from '../../src/codec/work-queue.ts';

describe('a work queue', () => {
  it('runs as many tasks at a time as it may, the others in order', async () => {
    const queue = createWorkQueue(2);
    const started: number[] = [];
    const tasks: Deferred<number>[] = [];
    const results = [0, 1, 2, 3].map((index) => {
      const task = createDeferred<number>();
      tasks.push(task);
      return queue(() => {
        started.push(index);
        return task.promise;
      });
    });
    await settle();
    expect(started).toEqual([0, 1]);

    tasks[1]?.resolve(10);
    await settle();
    expect(started).toEqual([0, 1, 2]);

    tasks[0]?.resolve(0);
    tasks[2]?.resolve(20);
    tasks[3]?.resolve(30);
    await expect(Promise.all(results)).resolves.toEqual([0, 10, 20, 30]);
  });

  it('goes on after a task that rejects or throws', async () => {
    const queue = createWorkQueue(1);
    const rejected = queue(() => Promise.reject(new Error('rejected')));
    const thrown = queue(() => {
      throw new Error('thrown');
    });
    const done = queue(() => Promise.resolve('done'));
    await expect(rejected).rejects.toThrow('rejected');
    await expect(thrown).rejects.toThrow('thrown');
    await expect(done).resolves.toBe('done');
  });

  it('starts a task at once again when it has run empty', async () => {
    const queue = createWorkQueue(1);
    for (const index of [1, 2, 3]) {
      await expect(queue(() => Promise.resolve(index))).resolves.toBe(index);
    }
  });
});
