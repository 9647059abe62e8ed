import { expect, test } from 'vitest';
import { isReading, isTransient, isUnsent } from '../../src/clickhouse/retryable.ts';
import { PoolAcquireTimeoutError } from '../../src/errors.ts';

test.each([
  ['SELECT 1', true],
  ['  -- a comment\n/* another; */ (select 1)', true],
  ['WITH x AS (SELECT 1) SELECT * FROM x', true],
  ['show tables', true],
  ['EXPLAIN SELECT 1', true],
  ['WITH x AS (SELECT 1) INSERT INTO t SELECT * FROM x', false],
  ['INSERT INTO t SELECT 1', false],
  ['/* select */ DROP TABLE t', false],
  ['SELECTED', false],
  ['', false],
])('%j only reads: %s', (sql, expected) => {
  expect(isReading(sql)).toBe(expected);
});

const failure = (fields: object): Error => Object.assign(new Error('failed'), fields);

test.each([
  [failure({ code: 'ECONNREFUSED' }), true, true],
  [
    new AggregateError([failure({ code: 'ECONNREFUSED' }), failure({ code: 'ENETUNREACH' })]),
    true,
    true,
  ],
  [failure({ code: 'ETIMEDOUT', syscall: 'connect' }), true, true],
  [failure({ code: '202', type: 'TOO_MANY_SIMULTANEOUS_QUERIES' }), true, true],
  [failure({ code: 'ECONNRESET' }), true, false],
  [failure({ code: '252', type: 'TOO_MANY_PARTS' }), true, false],
  [failure({ code: '60', type: 'UNKNOWN_TABLE' }), false, false],
])('%o may pass: %s, and the server has not begun: %s', (error, transient, unsent) => {
  expect([isTransient(error), isUnsent(error)]).toEqual([transient, unsent]);
});

test('a wait in vain is not repeated, though the trouble of the server is its cause', () => {
  const situation = { pool: 'p', limit: 1, active: 1, waiting: 0 };
  const error = new PoolAcquireTimeoutError(situation, 5, {
    cause: failure({ code: 'ECONNREFUSED' }),
  });
  expect([isTransient(error), isUnsent(error)]).toEqual([false, false]);
});
