import { TimeoutError } from '@perf/core';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { BrokenCircuitError, BulkheadFullError } from '../../src/errors.ts';
import { CallContext, UNBOUNDED } from '../../src/execution/call-context.ts';
import { verdictOf, type Classifier } from '../../src/execution/outcome.ts';

const warnings: string[] = [];
beforeEach(() => {
  warnings.length = 0;
  vi.spyOn(process, 'emitWarning').mockImplementation((warning, options) => {
    warnings.push(`${(options as { type: string }).type}: ${String(warning)}`);
  });
});
afterEach(() => {
  vi.restoreAllMocks();
});

const aborted = (reason?: unknown): CallContext => new CallContext(AbortSignal.abort(reason));

test.each([
  ['a value', true, 1, UNBOUNDED, 'success'],
  ['undefined', true, undefined, UNBOUNDED, 'success'],
  ['an error', false, new Error('x'), UNBOUNDED, 'failure'],
  ['a rejection without an error', false, undefined, UNBOUNDED, 'failure'],
  ['a timeout', false, new TimeoutError('it', 1), UNBOUNDED, 'failure'],
  ['an AbortError', false, new DOMException('x', 'AbortError'), UNBOUNDED, 'ignore'],
  ['a refusal', false, new BulkheadFullError('b', 1, 1), UNBOUNDED, 'ignore'],
  ['another refusal', false, new BrokenCircuitError('b', 1), UNBOUNDED, 'ignore'],
  ['an error after the caller’s abort', false, new Error('x'), aborted(), 'ignore'],
  ['a value after the caller’s abort', true, 1, aborted(), 'success'],
  [
    'an AbortError after a timeout of ours',
    false,
    new DOMException('x', 'AbortError'),
    aborted(new TimeoutError('it', 1)),
    'failure',
  ],
  [
    'an AbortError after AbortSignal.timeout',
    false,
    new DOMException('x', 'AbortError'),
    aborted(new DOMException('x', 'TimeoutError')),
    'failure',
  ],
] as const)('%s is, by default: %4$s', (_, ok, result, call, verdict) => {
  expect(verdictOf(ok, result, call, undefined)).toBe(verdict);
});

test('a classifier decides, but not about a caller’s abort', () => {
  const classify = vi.fn<Classifier>(({ ok }) => (ok ? 'failure' : 'success'));
  expect(verdictOf(true, 1, UNBOUNDED, classify)).toBe('failure');
  expect(verdictOf(false, 'no', UNBOUNDED, classify)).toBe('success');
  expect(verdictOf(false, 'no', aborted(), classify)).toBe('ignore');
  expect(classify.mock.calls).toEqual([[{ ok: true, value: 1 }], [{ ok: false, error: 'no' }]]);
});

test.each<[string, Classifier]>([
  [
    'throws',
    () => {
      throw new Error('oops');
    },
  ],
  ['returns something else', () => 'fine' as never],
  [
    'throws something that cannot be shown',
    () => {
      throw new Proxy(
        {},
        {
          ownKeys: () => {
            throw new Error('no');
          },
          getPrototypeOf: () => {
            throw new Error('no');
          },
        },
      ) as Error;
    },
  ],
])('a classifier that %s is reported, and the default holds', (_, classify) => {
  expect(verdictOf(true, 1, UNBOUNDED, classify)).toBe('success');
  expect(verdictOf(false, new Error('x'), UNBOUNDED, classify)).toBe('failure');
  expect(warnings).toHaveLength(2);
  expect(warnings[0]).toMatch(/^PerfClassifierError: a classifier of outcomes/);
});

test.each([
  ['revoked proxy', unreadable()],
  [
    'error whose name throws',
    Object.defineProperty(new Error('x'), 'name', {
      get: () => {
        throw new Error('name');
      },
    }),
  ],
])('a %s is a failure like any other', (_, error) => {
  expect(verdictOf(false, error, UNBOUNDED, undefined)).toBe('failure');
  expect(verdictOf(false, 'no', aborted(error), undefined)).toBe('ignore');
});

function unreadable(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}
