import { getEventListeners } from 'node:events';
import { ManualClock } from '@perf/core/testing';
import { describe, expect, test } from 'vitest';
import { DeadlineExceededError } from '../../src/errors.ts';
import { AbortableContext } from '../../src/execution/abortable-context.ts';
import { CallContext, UNBOUNDED } from '../../src/execution/call-context.ts';

const listeners = (signal: AbortSignal): number => getEventListeners(signal, 'abort').length;

describe('the context of a call', () => {
  test('hands on the caller’s signal, deadline and priority, and adds no listener', () => {
    const { signal } = new AbortController();
    const call = CallContext.of({ signal, deadline: 5, priority: 7 });
    expect(call).toMatchObject({
      signal,
      cancellation: signal,
      deadline: 5,
      priority: 7,
      attempt: 1,
    });
    expect(listeners(signal)).toBe(0);
  });

  test('has a signal of its own where the caller gave none, which stays the same', () => {
    const call = CallContext.of({ priority: 1 });
    expect(call.signal).toBe(call.signal);
    expect(call.cancellation).toBeUndefined();
    expect(call).toMatchObject({ aborted: false, reason: undefined, deadline: Infinity });
  });

  test('of a call without options is shared, but not its signal: listeners do not collect on it', () => {
    expect(CallContext.of(undefined)).toBe(UNBOUNDED);
    UNBOUNDED.signal.addEventListener('abort', () => {});
    expect(listeners(UNBOUNDED.signal)).toBe(0);
    expect(UNBOUNDED).toMatchObject({
      aborted: false,
      deadline: Infinity,
      priority: 5,
      attempt: 1,
    });
  });

  test('may be the options of a call within', () => {
    const call = CallContext.of({ deadline: 1 });
    expect(CallContext.of(call)).toBe(call);
  });

  test('of the next try is the same but for its number', () => {
    const { signal } = new AbortController();
    const third = CallContext.of({ signal, deadline: 5, priority: 7 }).next().next();
    expect(third).toMatchObject({ signal, deadline: 5, priority: 7, attempt: 3 });
  });
});

describe('a call is wanted', () => {
  const clock = new ManualClock();

  test('until its signal aborts', () => {
    const controller = new AbortController();
    const call = CallContext.of({ signal: controller.signal });
    expect(() => call.assertWanted('p', clock)).not.toThrow();
    const reason = new Error('gone');
    controller.abort(reason);
    expect(() => call.assertWanted('p', clock)).toThrow(reason);
  });

  test('before its deadline', () => {
    const call = CallContext.of({ deadline: 10 });
    clock.advance(9);
    expect(() => call.assertWanted('p', clock)).not.toThrow();
    clock.advance(1);
    expect(() => call.assertWanted('p', clock)).toThrow(DeadlineExceededError);
  });
});

describe('a context that its policy may abort', () => {
  test('aborts its signal, with the reason, and not the caller’s', () => {
    const { signal } = new AbortController();
    const call = new AbortableContext(CallContext.of({ signal }), 10);
    const inner = call.signal;
    expect(listeners(signal)).toBe(1);
    call.abort('late');
    call.abort('later');
    expect(inner).toMatchObject({ aborted: true, reason: 'late' });
    expect(call).toMatchObject({ aborted: true, reason: 'late', deadline: 10 });
    expect(signal.aborted).toBe(false);
    expect(listeners(signal)).toBe(0);
  });

  test('whose signal is read after the abort reads an aborted one', () => {
    const call = new AbortableContext(UNBOUNDED);
    call.abort('late');
    expect(call.signal).toMatchObject({ aborted: true, reason: 'late' });
  });

  test('aborts with the caller, whether its signal was read before or is read after', () => {
    const controller = new AbortController();
    const outer = CallContext.of({ signal: controller.signal });
    const read = new AbortableContext(outer);
    const unread = new AbortableContext(outer);
    const { signal } = read;
    controller.abort('gone');
    for (const call of [read, unread])
      expect(call).toMatchObject({ aborted: true, reason: 'gone' });
    expect(signal).toMatchObject({ aborted: true, reason: 'gone' });
    expect(unread.signal).toMatchObject({ aborted: true, reason: 'gone' });
    expect(listeners(controller.signal)).toBe(0);
  });

  test('listens to nothing before its signal is read, nor after its release', () => {
    const { signal } = new AbortController();
    const call = new AbortableContext(CallContext.of({ signal }));
    expect(listeners(signal)).toBe(0);
    expect(call.signal.aborted).toBe(false);
    expect(listeners(signal)).toBe(1);
    call.release();
    call.release();
    expect(listeners(signal)).toBe(0);
  });

  test('listens to nothing when its signal is first read after its release', () => {
    const { signal } = new AbortController();
    const call = new AbortableContext(CallContext.of({ signal }));
    call.release();
    expect(call.signal.aborted).toBe(false);
    expect(listeners(signal)).toBe(0);
  });

  test('passes an abort down through any number of contexts', () => {
    const outer = new AbortableContext(UNBOUNDED);
    const inner = new AbortableContext(outer.next(), 5, 2);
    const last = inner.next();
    const { signal } = last;
    outer.abort('late');
    expect(signal).toMatchObject({ aborted: true, reason: 'late' });
    expect(last).toMatchObject({ attempt: 3, deadline: 5, aborted: true });
  });
});

describe('a listener of a context', () => {
  function listener(): { readonly heard: number[]; handleEvent: () => void } {
    const heard: number[] = [];
    return {
      heard,
      handleEvent: () => {
        heard.push(1);
      },
    };
  }

  test('is told once, by whatever context or caller above aborts, and none is left behind', () => {
    const controller = new AbortController();
    const outer = new AbortableContext(CallContext.of({ signal: controller.signal }));
    const inner = new AbortableContext(outer.next()).next();
    const [first, second] = [listener(), listener()];
    inner.addAbortListener(first);
    outer.addAbortListener(second);
    expect(listeners(controller.signal)).toBe(1);
    controller.abort('gone');
    outer.abort('late');
    expect([first.heard, second.heard, inner.reason]).toEqual([[1], [1], 'gone']);
    expect(listeners(controller.signal)).toBe(0);
  });

  test('that was removed is not told', () => {
    const { signal } = new AbortController();
    const caller = CallContext.of({ signal });
    const outer = new AbortableContext(caller);
    const one = listener();
    for (const call of [caller, outer, outer.next(), UNBOUNDED]) {
      call.addAbortListener(one);
      call.removeAbortListener(one);
    }
    outer.abort('late');
    expect([one.heard, listeners(signal)]).toEqual([[], 0]);
  });

  test('hears nothing once the call is over', () => {
    const controller = new AbortController();
    const call = new AbortableContext(CallContext.of({ signal: controller.signal }));
    call.release();
    const one = listener();
    call.addAbortListener(one);
    controller.abort('gone');
    expect([one.heard, listeners(controller.signal)]).toEqual([[], 0]);
  });
});

test('many timeouts, one within another, make no signal that nobody reads', () => {
  const outer = new AbortableContext(UNBOUNDED);
  const inner = new AbortableContext(outer);
  let told = 0;
  inner.addAbortListener({
    handleEvent: () => {
      told++;
    },
  });
  outer.abort('late');
  expect([told, inner.aborted, inner.reason, inner.signal.aborted]).toEqual([
    1,
    true,
    'late',
    true,
  ]);
});
