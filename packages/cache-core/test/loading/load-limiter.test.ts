import { createDeferred, type Deferred } from '@perf/core';
import { ManualClock, settle } from '@perf/core/testing';
import { describe, expect, it } from 'vitest';
import { LoadQueueFullError } from '../../src/index.ts';
import { LoadLimiter } from '../../src/loading/load-limiter.ts';

const clock = new ManualClock();
const limited = (limit: number, maxWaiting = 10): LoadLimiter =>
  new LoadLimiter({ clock, limit, maxWaiting, grace: 1000 });
const run = <T>(limiter: LoadLimiter, load: () => T | PromiseLike<T>): Promise<T> =>
  limiter.run(['k'], load);

describe('a load limiter', () => {
  it('runs no more than its limit, the rest in order of arrival', async () => {
    const limiter = limited(2);
    const gates: Deferred<void>[] = [];
    const started: number[] = [];
    const loads = [0, 1, 2, 3, 4].map((index) => {
      const gate = createDeferred();
      gates.push(gate);
      return run(limiter, () => {
        started.push(index);
        return gate.promise;
      });
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
    const limiter = limited(1);
    const failing = run(limiter, () => {
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(await run(limiter, () => 1)).toBe(1);
  });

  it('refuses a load when as many wait as may, and never calls it', async () => {
    const limiter = limited(1, 1);
    const gate = createDeferred();
    const loads = [run(limiter, () => gate.promise), run(limiter, () => 'waited')];
    let called = false;
    const refused = run(limiter, () => {
      called = true;
    });
    await expect(refused).rejects.toThrow(LoadQueueFullError);
    gate.resolve();
    expect(await Promise.all(loads)).toEqual([undefined, 'waited']);
    expect([called, limiter.running]).toEqual([false, 0]);
  });

  it('refuses all that wait when it is closed, and what comes later', async () => {
    const limiter = limited(1);
    const gate = createDeferred();
    const first = run(limiter, () => gate.promise);
    const waiting = run(limiter, () => 'waited');
    await settle();
    limiter.close(new Error('closed'));
    await expect(waiting).rejects.toThrow('closed');
    await expect(run(limiter, () => 'late')).rejects.toThrow('closed');
    gate.resolve();
    await first;
    expect([limiter.running, limiter.waiting]).toEqual([0, 0]);
  });

  it('keeps the place of a load that was given up until it ends, and no longer than its grace', async () => {
    const limiter = limited(1);
    const ends = [createDeferred(), createDeferred()];
    const giveUp = (end: Promise<void>): Promise<string> =>
      limiter.run(['k'], (place) => {
        place.keepUntil(end);
        return 'given up';
      });
    for (const { promise } of ends) {
      expect(await giveUp(promise)).toBe('given up');
      const next = run(limiter, () => 'next');
      await clock.advanceAsync(999);
      expect([limiter.running, limiter.waiting]).toEqual([1, 1]);
      if (promise === ends[0]?.promise) ends[0].resolve();
      else await clock.advanceAsync(1);
      expect(await next).toBe('next');
      expect([limiter.running, clock.pendingTimers]).toEqual([0, 0]);
    }
    // Its end comes late and must not free a place twice.
    ends[1]?.resolve();
    await settle();
    expect(limiter.running).toBe(0);
  });

  it('knows what the caller is part of, through loads of other keys and limiters, and when it has ended', async () => {
    const [one, other] = [limited(2), limited(2)];
    const seen = (): boolean[] => ['a', 'b', 'c'].map((key) => one.isWithin(key));
    const later = createDeferred();
    let stray: Promise<boolean[]> = Promise.resolve([]);
    const inside = await one.run(['a', 'b'], () =>
      other.run(['c'], () =>
        one.run(['x'], () => {
          stray = later.promise.then(seen);
          return seen();
        }),
      ),
    );
    later.resolve();
    expect([inside, await stray, seen()]).toEqual([
      [true, true, false],
      [false, false, false],
      [false, false, false],
    ]);
  });

  it('lets a load start another one although the limit is reached', async () => {
    const limiter = limited(1);
    const nested = run(limiter, () => run(limiter, () => run(limiter, () => 'inner')));
    expect(await nested).toBe('inner');
  });

  it('lets loads of two limiters start each other', async () => {
    const [one, other] = [limited(1), limited(1)];
    const nested = run(one, () => run(other, () => run(one, () => 'inner')));
    expect(await nested).toBe('inner');
  });

  it('counts what a load has left behind after its end', async () => {
    const limiter = limited(1);
    const later = createDeferred();
    let stray: Promise<unknown> = Promise.resolve();
    await run(limiter, () => {
      stray = later.promise.then(() => run(limiter, () => 'stray'));
    });
    const gate = createDeferred();
    const other = run(limiter, () => gate.promise);
    later.resolve();
    await settle();
    expect(limiter.waiting).toBe(1);
    gate.resolve();
    await other;
    expect(await stray).toBe('stray');
  });

  it('counts it also when a load of another limiter has ended around it', async () => {
    const [one, other] = [limited(1), limited(1)];
    const later = createDeferred();
    let stray: Promise<unknown> = Promise.resolve();
    await run(one, () => {
      stray = run(other, async () => {
        await later.promise;
        return run(one, () => 'stray');
      });
    });
    const gate = createDeferred();
    const busy = run(one, () => gate.promise);
    later.resolve();
    await settle();
    expect(one.waiting).toBe(1);
    gate.resolve();
    await Promise.all([busy, stray]);
  });
});
