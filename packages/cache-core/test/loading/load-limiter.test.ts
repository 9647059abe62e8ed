import { createDeferred, type Deferred } from '@perf/core';
import { ManualClock, settle } from '@perf/core/testing';
import { describe, expect, it } from 'vitest';
import { LoadQueueFullError } from '../../src/index.ts';
import { LoadLimiter } from '../../src/loading/load-limiter.ts';
import { closesCycle, currentScope } from '../../src/loading/load-scope.ts';
import { Waiters } from '../../src/loading/waiters.ts';

const clock = new ManualClock();
const limited = (limit: number, maxWaiting = 10): LoadLimiter =>
  new LoadLimiter({ clock, limit, maxWaiting, grace: 1000 });
/** Somebody waits, for as long as it takes. */
function waited(): Waiters {
  const waiters = new Waiters();
  waiters.add(undefined);
  return waiters;
}
const run = <T>(limiter: LoadLimiter, load: () => T | PromiseLike<T>): Promise<T> =>
  limiter.run([waited()], load);

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
      limiter.run([waited()], (place) => {
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

  it('takes a load that nobody waits for any more out of the queue at once, and never calls it', async () => {
    const limiter = limited(1);
    const gate = createDeferred();
    const first = run(limiter, () => gate.promise);
    const flights = [new Waiters(), new Waiters()];
    const leave = flights.map((flight) => flight.add(undefined));
    let called = false;
    const waiting = limiter.run(flights, () => {
      called = true;
    });
    leave[0]?.(new Error('first'));
    // Somebody comes back, and goes: as long as anybody waits for any of the keys it stays.
    const back = flights[0]?.add(undefined);
    leave[1]?.(new Error('second'));
    expect([limiter.waiting, flights.some(({ abandoned }) => abandoned)]).toEqual([1, false]);
    back?.(new Error('third'));
    expect([limiter.waiting, flights.every(({ abandoned }) => abandoned)]).toEqual([0, true]);
    await expect(waiting).rejects.toThrow('third');
    gate.resolve();
    await first;
    expect([called, limiter.running]).toEqual([false, 0]);
    expect(flights.map(({ watch }) => watch)).toEqual([undefined, undefined]);
  });

  it('does not let a load wait that nobody waits for, and runs it where there is room', async () => {
    const limiter = limited(1);
    const abandoned = new Waiters();
    abandoned.add(undefined)(new Error('gone'));
    expect(await limiter.run([abandoned], () => 'run')).toBe('run');
    const gate = createDeferred();
    const first = run(limiter, () => gate.promise);
    await expect(limiter.run([abandoned], () => 'never')).rejects.toThrow('gone');
    gate.resolve();
    await first;
  });

  it('lets a load that another one waits for pass the queue', async () => {
    const [limiter, elsewhere] = [limited(1), limited(1)];
    const flights = [waited(), waited()];
    const joined = createDeferred();
    const first = run(limiter, async () => {
      await joined.promise;
      flights[0]?.add(currentScope());
      return queued[0];
    });
    const queued = flights.map((flight, index) => limiter.run([flight], () => `passed ${index}`));
    await run(elsewhere, () => flights[1]?.add(currentScope()));
    expect(limiter.waiting).toBe(2);
    joined.resolve();
    expect(await first).toBe('passed 0');
    expect(await Promise.all(queued)).toEqual(['passed 0', 'passed 1']);
    expect([limiter.running, limiter.waiting]).toEqual([0, 0]);
  });

  it('knows what the caller is part of, through loads of other keys and limiters, and when it has ended', async () => {
    const [one, other] = [limited(2), limited(2)];
    const [a, b, c, foreign] = [waited(), waited(), waited(), waited()] as const;
    const seen = (): boolean[] =>
      [a, b, c, foreign].map((flight) => closesCycle(currentScope(), flight));
    const later = createDeferred();
    let stray: Promise<boolean[]> = Promise.resolve([]);
    const inside = await one.run([a, b], () =>
      other.run([c], () =>
        one.run([waited()], () => {
          stray = later.promise.then(seen);
          return seen();
        }),
      ),
    );
    later.resolve();
    expect([inside, await stray, seen()]).toEqual([
      [true, true, true, false],
      [false, false, false, false],
      [false, false, false, false],
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
