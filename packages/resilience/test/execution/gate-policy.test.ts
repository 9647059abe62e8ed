import { ConfigError, createDeferred } from '@perf/core';
import { ManualClock, settle } from '@perf/core/testing';
import { describe, expect, test, vi } from 'vitest';
import { DeadlineExceededError } from '../../src/errors.ts';
import { policySettings } from '../../src/execution/base-policy.ts';
import type { CallContext } from '../../src/execution/call-context.ts';
import { GatePolicy } from '../../src/execution/gate-policy.ts';
import { brokenThenable, thenable } from '../fixtures/thenable.ts';

interface Events {
  entered: number;
}

/** Counts who is within, and lets calls in at once unless it is told to wait or to refuse. */
class Turnstile extends GatePolicy<{ readonly within: number }, Events> {
  within = 0;
  readonly log: unknown[] = [];
  hold: Promise<number> | undefined;
  refusal: Error | undefined;

  constructor(clock = new ManualClock()) {
    super(policySettings('turnstile', { clock }, []), ['entered']);
  }

  enter(): number | Promise<number> {
    if (this.refusal !== undefined) throw this.refusal;
    this.within++;
    this.events.emit('entered', this.within);
    return this.hold ?? this.within;
  }

  leave(permit: number, ok: boolean, result: unknown): void {
    this.within--;
    this.log.push([permit, ok, result]);
  }

  snapshot(): { readonly within: number } {
    return { within: this.within };
  }
}

describe('execute', () => {
  test.each<[string, () => unknown, unknown]>([
    ['a value', () => 5, 5],
    ['undefined', () => undefined, undefined],
    ['null', () => null, null],
    ['a promise', async () => 6, 6],
    [
      'a thenable',
      () =>
        thenable((resolve: (value: number) => void) => {
          resolve(7);
        }),
      7,
    ],
  ])('resolves with what the function returns: %s', async (_, fn, value) => {
    const gate = new Turnstile();
    expect(await gate.execute(fn)).toBe(value);
    expect(gate.log).toEqual([[1, true, value]]);
    expect(gate.snapshot()).toEqual({ within: 0 });
  });

  const error = new Error('boom');
  test.each<[string, () => unknown]>([
    [
      'is thrown before it returns',
      () => {
        throw error;
      },
    ],
    [
      'rejects',
      async () => {
        throw error;
      },
    ],
    [
      'a thenable rejects with',
      () =>
        thenable((_: unknown, reject: (error: Error) => void) => {
          reject(error);
        }),
    ],
    ['a thenable throws', () => brokenThenable(error)],
  ])('rejects with what %s', async (_, fn) => {
    const gate = new Turnstile();
    await expect(gate.execute(fn)).rejects.toBe(error);
    expect(gate.log).toEqual([[1, false, error]]);
    expect(gate.within).toBe(0);
  });

  test('refuses by a rejection, and what is refused does not leave', async () => {
    const gate = new Turnstile();
    gate.refusal = error;
    let ran = false;
    await expect(
      gate.execute(() => {
        ran = true;
      }),
    ).rejects.toBe(error);
    expect([ran, gate.log]).toEqual([false, []]);
  });

  test('runs the function when its wait is over', async () => {
    const gate = new Turnstile();
    const turn = createDeferred<number>();
    gate.hold = turn.promise;
    let ran = false;
    const result = gate.execute(() => {
      ran = true;
      return 1;
    });
    await settle();
    expect(ran).toBe(false);
    turn.resolve(42);
    expect(await result).toBe(1);
    expect(gate.log).toEqual([[42, true, 1]]);
  });

  test('does not begin what nobody wants any more', async () => {
    const clock = new ManualClock();
    const gate = new Turnstile(clock);
    const reason = new Error('gone');
    await expect(gate.execute(() => 1, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    clock.advance(5);
    await expect(gate.execute(() => 1, { deadline: 5 })).rejects.toThrow(DeadlineExceededError);
    expect(gate.log).toEqual([]);
  });

  test('hands its options to the function', async () => {
    const { signal } = new AbortController();
    const seen = await new Turnstile().execute((context) => context, { signal, priority: 2 });
    expect(seen).toMatchObject({ signal, priority: 2, attempt: 1 });
  });
});

test('executeSafe never rejects', async () => {
  const gate = new Turnstile();
  const error = new Error('boom');
  expect(await gate.executeSafe(() => 1)).toEqual({ ok: true, value: 1 });
  expect(await gate.executeSafe(() => Promise.reject(error))).toEqual({ ok: false, error });
  expect(
    await gate.executeSafe(() => {
      throw error;
    }),
  ).toEqual({ ok: false, error });
});

test('a wrapped function keeps its arguments, this and name', async () => {
  const gate = new Turnstile();
  const greet = gate.wrap(function greet(
    this: { readonly name: string },
    greeting: string,
    mark: string,
  ) {
    return `${greeting} ${this.name}${mark}`;
  });
  expect(await greet.call({ name: 'Ada' }, 'Hello', '!')).toBe('Hello Ada!');
  expect(greet.name).toBe('greet');
  expect(gate.log).toHaveLength(1);
});

test('a listener that throws changes nothing', async () => {
  const gate = new Turnstile();
  vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
  gate.on('entered', () => {
    throw new Error('bad listener');
  });
  expect(await gate.execute(() => 1)).toBe(1);
});

test('options that do not exist, and a name that is none, are refused', () => {
  expect(() => policySettings('retry', { nam: 'x' } as object, ['attempts'])).toThrow(
    'did you mean name?',
  );
  expect(() => policySettings('retry', { name: '' }, [])).toThrow(ConfigError);
  expect(policySettings('retry', {}, []).name).toBe('retry');
});

test('an execution that nobody awaits is an unhandled rejection, as it would be without the policy', async () => {
  const seen: unknown[] = [];
  const listeners = process.listeners('unhandledRejection');
  process.removeAllListeners('unhandledRejection');
  process.on('unhandledRejection', (error) => seen.push(error));
  try {
    const error = new Error('lost');
    void new Turnstile().execute(() => Promise.reject(error));
    await settle();
    expect(seen).toEqual([error]);
  } finally {
    process.removeAllListeners('unhandledRejection');
    for (const listener of listeners) process.on('unhandledRejection', listener);
  }
});

test('the context that a policy sees is the one that the function gets', async () => {
  let entered: CallContext | undefined;
  class Spy extends Turnstile {
    override enter(): number {
      return 0;
    }
    override leave(_permit: number, _ok: boolean, _result: unknown, call?: CallContext): void {
      entered = call;
    }
  }
  const seen = await new Spy().execute((context) => context, { deadline: 9 });
  expect(seen).toBe(entered);
});
