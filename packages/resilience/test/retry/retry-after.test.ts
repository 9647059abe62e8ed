import { ManualClock } from '@perf/core/testing';
import { expect, test } from 'vitest';
import { BrokenCircuitError, BulkheadFullError } from '../../src/errors.ts';
import { retryAfterOf } from '../../src/retry/retry-after.ts';

const clock = new ManualClock(Date.UTC(2026, 0, 1));

test.each<[string, unknown, number | undefined]>([
  ['seconds', { headers: { 'retry-after': '120' } }, 120_000],
  ['a number of seconds', { headers: { 'retry-after': 3 } }, 3000],
  [
    'more seconds than there can be',
    { headers: { 'retry-after': '99999999999' } },
    99_999_999_999_000,
  ],
  ['seconds with blanks around them', { headers: { 'retry-after': ' 5 ' } }, 5000],
  ['a date', { headers: new Headers({ 'Retry-After': 'Thu, 01 Jan 2026 00:01:30 GMT' }) }, 90_000],
  ['a date that has passed', { headers: { 'retry-after': 'Wed, 31 Dec 2025 00:00:00 GMT' } }, 0],
  ['a Response', new Response(null, { headers: { 'retry-after': '1' } }), 1000],
  [
    'the response of an error',
    Object.assign(new Error('x'), { response: { headers: { 'retry-after': '1' } } }),
    1000,
  ],
  ['a cause', new Error('x', { cause: { headers: { 'retry-after': '1' } } }), 1000],
  ['a refusal', new BrokenCircuitError('b', 250), 250],
  ['a refusal that cannot tell', new BulkheadFullError('b', 1, 1), undefined],
  ['nonsense', { headers: { 'retry-after': 'soon' } }, undefined],
  ['no header', { headers: {} }, undefined],
  ['no headers', new Error('x'), undefined],
  ['nothing', undefined, undefined],
])('%s', (_, result, milliseconds) => {
  expect(retryAfterOf(result, clock)).toBe(milliseconds);
});
