import { getEventListeners, setMaxListeners } from 'node:events';
import { abortable, createDeferred, deadlineSignal, sleep, TimeoutError } from '@perf/core';
import { ManualClock, settle } from '@perf/core/testing';
import { describe, expect, test } from 'vitest';

const REASON = new Error('the caller left');

function listenersOf(...controllers: readonly AbortController[]): number {
  return controllers.reduce(
    (sum, { signal }) => sum + getEventListeners(signal, 'abort').length,
    0,
  );
}

function aborted(): AbortController {
  const controller = new AbortController();
  controller.abort(REASON);
  return controller;
}

describe('deadlineSignal', () => {
  test('aborts with a TimeoutError when the time is over, and not before', () => {
    const clock = new ManualClock();
    const { signal } = deadlineSignal(clock, 'the load of "a"', 50);
    clock.advance(49);
    expect(signal.aborted).toBe(false);
    clock.advance(1);
    expect(signal.reason).toBeInstanceOf(TimeoutError);
    expect(signal.reason).toMatchObject({ message: 'the load of "a" took longer than 50 ms' });
  });

  describe('when the event loop has stood still', () => {
    /** Its timers fire so much later than they were to. */
    function late(): { readonly clock: ManualClock; readonly stall: () => void } {
      const clock = new ManualClock();
      const now = clock.now.bind(clock);
      let lag = 0;
      clock.now = () => now() + lag;
      return {
        clock,
        stall() {
          lag = 300;
          clock.advance(50);
        },
      };
    }

    test('aborts behind what has arrived, which may release it', async () => {
      const { clock, stall } = late();
      const { signal, release } = deadlineSignal(clock, 'it', 50);
      stall();
      expect(signal.aborted).toBe(false);
      release();
      await settle();
      expect(signal.aborted).toBe(false);
    });

    test('aborts all the same when nothing has arrived', async () => {
      const { clock, stall } = late();
      const { signal } = deadlineSignal(clock, 'it', 50);
      stall();
      await settle();
      expect(signal.reason).toMatchObject({ code: 'PERF_TIMEOUT', timeout: 50 });
    });
  });

  test('aborts with the reason of the parent that aborts first, and lets go of all else', () => {
    const clock = new ManualClock();
    const [first, second] = [new AbortController(), new AbortController()];
    const { signal } = deadlineSignal(clock, 'it', 50, first.signal, undefined, second.signal);
    expect(listenersOf(first, second)).toBe(2);
    second.abort(REASON);
    expect(signal.reason).toBe(REASON);
    expect(listenersOf(first, second)).toBe(0);
    expect(clock.pendingTimers).toBe(0);
    first.abort(new Error('later'));
    expect(signal.reason).toBe(REASON);
  });

  test('is aborted from the start under a parent that is, with nothing left behind', () => {
    const clock = new ManualClock();
    const before = new AbortController();
    const after = new AbortController();
    const parents = [before.signal, aborted().signal, after.signal];
    const { signal } = deadlineSignal(clock, 'it', 50, ...parents);
    expect(signal.reason).toBe(REASON);
    expect(listenersOf(before, after)).toBe(0);
    expect(clock.pendingTimers).toBe(0);
  });

  test('leaves nothing on its parents when its time is over', () => {
    const clock = new ManualClock();
    const parent = new AbortController();
    deadlineSignal(clock, 'it', 50, parent.signal);
    clock.advance(50);
    expect(listenersOf(parent)).toBe(0);
  });

  test('once released it leaves nothing behind and never changes', () => {
    const clock = new ManualClock();
    const parent = new AbortController();
    const { signal, release } = deadlineSignal(clock, 'it', 50, parent.signal);
    release();
    release();
    expect(listenersOf(parent)).toBe(0);
    expect(clock.pendingTimers).toBe(0);
    parent.abort();
    clock.advance(1000);
    expect(signal.aborted).toBe(false);
  });

  test('an infinite timeout takes no timer and still follows the parents', () => {
    const clock = new ManualClock();
    const parent = new AbortController();
    const { signal } = deadlineSignal(clock, 'it', Infinity, parent.signal);
    expect(clock.pendingTimers).toBe(0);
    parent.abort(REASON);
    expect(signal.reason).toBe(REASON);
  });

  test('the same parent given twice is let go twice', () => {
    const clock = new ManualClock();
    const parent = new AbortController();
    const { release } = deadlineSignal(clock, 'it', 50, parent.signal, parent.signal);
    release();
    expect(listenersOf(parent)).toBe(0);
  });

  test('a thousand of them leave nothing on a long-lived parent', () => {
    const clock = new ManualClock();
    const parent = new AbortController();
    setMaxListeners(0, parent.signal);
    for (let call = 0; call < 1000; call++) {
      const { release } = deadlineSignal(clock, 'it', 50, parent.signal);
      if (call % 2 === 0) release();
    }
    clock.advance(50);
    expect(listenersOf(parent)).toBe(0);
    expect(clock.pendingTimers).toBe(0);
  });
});

describe('abortable', () => {
  test('settles as the promise does, and leaves no listener', async () => {
    const controller = new AbortController();
    await expect(abortable(Promise.resolve(1), controller.signal)).resolves.toBe(1);
    await expect(abortable(Promise.reject(REASON), controller.signal)).rejects.toBe(REASON);
    expect(listenersOf(controller)).toBe(0);
  });

  test('rejects with the reason as soon as the signal aborts, and leaves no listener', async () => {
    const controller = new AbortController();
    const { promise, resolve } = createDeferred<number>();
    const waiting = abortable(promise, controller.signal);
    expect(listenersOf(controller)).toBe(1);
    controller.abort(REASON);
    await expect(waiting).rejects.toBe(REASON);
    expect(listenersOf(controller)).toBe(0);
    resolve(1);
    await expect(promise).resolves.toBe(1);
  });

  test('rejects at once under a signal that has aborted, even if the promise is settled', async () => {
    await expect(abortable(Promise.resolve(1), aborted().signal)).rejects.toBe(REASON);
  });

  test('a rejection that comes after the abort is not unhandled', async () => {
    const unhandled: unknown[] = [];
    const note = (reason: unknown): void => void unhandled.push(reason);
    process.on('unhandledRejection', note);
    try {
      const { promise, reject } = createDeferred();
      const controller = new AbortController();
      const waiting = abortable(promise, controller.signal);
      controller.abort(REASON);
      await expect(waiting).rejects.toBe(REASON);
      reject(new Error('too late'));
      await settle();
      expect(unhandled).toEqual([]);
    } finally {
      process.off('unhandledRejection', note);
    }
  });

  test('without a signal it is the promise', async () => {
    await expect(abortable(Promise.resolve(1), undefined)).resolves.toBe(1);
    await expect(abortable(Promise.reject(REASON), undefined)).rejects.toBe(REASON);
  });

  test('takes a thenable, even one that settles at once', async () => {
    const controller = new AbortController();
    const thenable = {
      // oxlint-disable-next-line unicorn/no-thenable -- what is tested
      then: (onFulfilled: (value: number) => void) => {
        onFulfilled(7);
      },
    } as unknown as PromiseLike<number>;
    await expect(abortable(thenable, controller.signal)).resolves.toBe(7);
    expect(listenersOf(controller)).toBe(0);
  });
});

describe('sleep', () => {
  test('resolves after the delay by its clock, and leaves no listener', async () => {
    const clock = new ManualClock();
    const controller = new AbortController();
    let awake = false;
    const sleeping = sleep(clock, 100, controller.signal).then(() => (awake = true));
    await clock.advanceAsync(99);
    expect(awake).toBe(false);
    await clock.advanceAsync(1);
    await sleeping;
    expect(listenersOf(controller)).toBe(0);
  });

  test('rejects with the reason when it is aborted, and stops its timer', async () => {
    const clock = new ManualClock();
    const controller = new AbortController();
    const sleeping = sleep(clock, 100, controller.signal);
    controller.abort(REASON);
    await expect(sleeping).rejects.toBe(REASON);
    expect(clock.pendingTimers).toBe(0);
    expect(listenersOf(controller)).toBe(0);
  });

  test('under a signal that has aborted it starts no timer', async () => {
    const clock = new ManualClock();
    await expect(sleep(clock, 100, aborted().signal)).rejects.toBe(REASON);
    expect(clock.pendingTimers).toBe(0);
  });

  test('needs no signal', async () => {
    const clock = new ManualClock();
    const sleeping = sleep(clock, 0);
    clock.advance(0);
    await expect(sleeping).resolves.toBeUndefined();
  });
});
