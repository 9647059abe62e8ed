import { createDeferred, type Deferred } from '@perf/core';
import { settle } from '@perf/core/testing';
import { describe, expect, it } from 'vitest';
import { LoadLimiter } from '../../src/loading/load-limiter.ts';

const open = (): AbortSignal => new AbortController().signal;

describe('a load limiter', () => {
  it('runs no more than its limit, the rest in order of arrival', async () => {
    const limiter = new LoadLimiter(2);
    const gates: Deferred<void>[] = [];
    const started: number[] = [];
    const loads = [0, 1, 2, 3, 4].map((index) => {
      const gate = createDeferred();
      gates.push(gate);
      return limiter.run(() => {
        started.push(index);
        return gate.promise;
      }, open());
    });
    await settle();
    expect([started, limiter.running, limiter.waiting]).toEqual([[0, 1], 2, 3]);
    gates[1]?.resolve();
    await settle();
    expect(started).toEqual([0, 1, 2]);
    for (const gate of gates) gate.resolve();
    await Promise.all(loads);
    expect([started, limiter.running, limiter.waiting]).toEqual([[0, 1, 2, 3, 4], 0, 0]);
  });

  it('frees the place of a load that fails, also at once', async () => {
    const limiter = new LoadLimiter(1);
    const failing = limiter.run(() => {
      throw new Error('no');
    }, open());
    await expect(failing).rejects.toThrow('no');
    expect(await limiter.run(() => 1, open())).toBe(1);
  });

  it('forgets a load that is called off while it waits, and never calls it', async () => {
    const limiter = new LoadLimiter(1);
    const gate = createDeferred();
    const first = limiter.run(() => gate.promise, open());
    const controller = new AbortController();
    let called = false;
    const second = limiter.run(() => {
      called = true;
    }, controller.signal);
    await settle();
    controller.abort(new Error('enough'));
    await expect(second).rejects.toThrow('enough');
    expect(limiter.waiting).toBe(0);
    gate.resolve();
    await first;
    expect([called, limiter.running]).toEqual([false, 0]);
    const third = limiter.run(() => 1, AbortSignal.abort(new Error('late')));
    await expect(third).rejects.toThrow('late');
    expect(limiter.running).toBe(0);
  });

  it('lets a load start another one although the limit is reached', async () => {
    const limiter = new LoadLimiter(1);
    const nested = limiter.run(
      () => limiter.run(() => limiter.run(() => 'inner', open()), open()),
      open(),
    );
    expect(await nested).toBe('inner');
  });

  it('lets loads of two limiters start each other', async () => {
    const [one, other] = [new LoadLimiter(1), new LoadLimiter(1)];
    const nested = one.run(() => other.run(() => one.run(() => 'inner', open()), open()), open());
    expect(await nested).toBe('inner');
  });

  it('counts what a load has left behind after its end', async () => {
    const limiter = new LoadLimiter(1);
    const later = createDeferred();
    let stray: Promise<unknown> = Promise.resolve();
    await limiter.run(() => {
      stray = later.promise.then(() => limiter.run(() => 'stray', open()));
    }, open());
    const gate = createDeferred();
    const other = limiter.run(() => gate.promise, open());
    later.resolve();
    await settle();
    expect(limiter.waiting).toBe(1);
    gate.resolve();
    await other;
    expect(await stray).toBe('stray');
  });

  it('counts it also when a load of another limiter has ended around it', async () => {
    const [one, other] = [new LoadLimiter(1), new LoadLimiter(1)];
    const later = createDeferred();
    let stray: Promise<unknown> = Promise.resolve();
    await one.run(() => {
      stray = other.run(async () => {
        await later.promise;
        return one.run(() => 'stray', open());
      }, open());
    }, open());
    const gate = createDeferred();
    const busy = one.run(() => gate.promise, open());
    later.resolve();
    await settle();
    expect(one.waiting).toBe(1);
    gate.resolve();
    await Promise.all([busy, stray]);
  });
});
