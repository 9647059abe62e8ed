import { createServer, connect } from 'node:net';
import { once } from 'node:events';
import { TimeoutError } from '@perf/core';
import { describe, expect, test } from 'vitest';
import { BulkheadFullError } from '../../../src/errors.ts';
import { isTransientClickHouseError } from '../../../src/retry/transient/clickhouse.ts';
import { isTransientHttpError, isTransientResponse } from '../../../src/retry/transient/http.ts';
import { isTransientError } from '../../../src/retry/transient/is-transient.ts';
import { isTransientNodeError } from '../../../src/retry/transient/node.ts';
import { isTransientPostgresError } from '../../../src/retry/transient/postgres.ts';
import { isTransientRedisError } from '../../../src/retry/transient/redis.ts';

function error(message: string, fields: object = {}): Error {
  return Object.assign(new Error(message), fields);
}
const refused = error('connect ECONNREFUSED', { code: 'ECONNREFUSED' });
const looped: { cause?: unknown } = {};
looped.cause = looped;

describe.each<[string, (error: unknown) => boolean, readonly unknown[], readonly unknown[]]>([
  [
    'a socket',
    isTransientNodeError,
    [
      refused,
      error('fetch failed', { cause: refused }),
      new AggregateError([error('a'), refused]),
      error('', { code: 'EAI_AGAIN' }),
    ],
    [
      error('', { code: 'ENOENT' }),
      error('', { code: 'ENOTFOUND' }),
      new Error('x'),
      null,
      'ECONNRESET',
      looped,
    ],
  ],
  [
    'HTTP',
    isTransientHttpError,
    [
      { status: 503 },
      error('', { statusCode: 429 }),
      error('', { response: { status: 502 } }),
      error('', { cause: error('', { code: 'UND_ERR_SOCKET' }) }),
      refused,
    ],
    [
      { status: 404 },
      error('', { statusCode: 501 }),
      error('', { code: 'UND_ERR_INVALID_ARG' }),
      503,
    ],
  ],
  [
    'PostgreSQL',
    isTransientPostgresError,
    [
      error('', { code: '40001' }),
      error('', { code: '40P01' }),
      error('', { code: '57P03' }),
      error('', { code: '08006' }),
      new Error('Connection terminated unexpectedly'),
      new Error('timeout exceeded when trying to connect'),
      refused,
    ],
    [
      error('', { code: '23505' }),
      error('', { code: '42601' }),
      error('', { code: '08P01' }),
      new Error('no'),
    ],
  ],
  [
    'Redis',
    isTransientRedisError,
    [
      new Error('LOADING Redis is loading the dataset in memory'),
      new Error('READONLY You can’t write against a read only replica.'),
      new Error('CLUSTERDOWN The cluster is down'),
      new Error('Connection is closed.'),
      error('Reached the max retries', { name: 'MaxRetriesPerRequestError' }),
      refused,
    ],
    [
      new Error('WRONGTYPE Operation against a key'),
      new Error('ERR unknown command'),
      new Error('BUSYKEY x'),
    ],
  ],
  [
    'ClickHouse',
    isTransientClickHouseError,
    [
      error('Too many simultaneous queries', {
        code: '202',
        type: 'TOO_MANY_SIMULTANEOUS_QUERIES',
      }),
      error('Keeper', { code: '999', type: 'KEEPER_EXCEPTION' }),
      new Error('Timeout error.'),
      new Error('socket hang up'),
      refused,
    ],
    [error('Syntax error', { code: '62', type: 'SYNTAX_ERROR' }), error('', { code: '202' })],
  ],
])('trouble of %s', (_, isTransient, transient, lasting) => {
  test.each(transient)('that may pass: %o', (one) => {
    expect([isTransient(one), isTransientError(one)]).toEqual([true, true]);
  });
  test.each(lasting)('that stays: %o', (one) => {
    expect(isTransient(one)).toBe(false);
  });
});

test('timeouts may pass; aborts, refusals and errors of the program do not', () => {
  expect(isTransientError(new TimeoutError('it', 5))).toBe(true);
  expect(isTransientError(new DOMException('', 'TimeoutError'))).toBe(true);
  expect(isTransientError(new DOMException('', 'AbortError'))).toBe(false);
  expect(isTransientError(new BulkheadFullError('b', 1, 1, 0, { cause: refused }))).toBe(false);
  expect(isTransientError(new TypeError('x is not a function'))).toBe(false);
});

test('errors that refer to each other, however many, are looked at for a moment', () => {
  const error: Error & { errors?: unknown[] } = new Error('circle');
  error.cause = error;
  error.errors = Array.from({ length: 1000 }, () => error);
  expect(isTransientError(error)).toBe(false);
});

test('a response is judged by its status', () => {
  expect(isTransientResponse(new Response(null, { status: 503 }))).toBe(true);
  expect(isTransientResponse(new Response(null, { status: 200 }))).toBe(false);
  expect(isTransientResponse(undefined)).toBe(false);
});

test('a real fetch is judged: refused, and cut off in the middle', async () => {
  const server = createServer((socket) => socket.on('data', () => socket.destroy()));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const fetched = (): Promise<unknown> =>
    fetch(`http://127.0.0.1:${port}/`).catch((failure: unknown) => failure);
  expect(isTransientHttpError(await fetched())).toBe(true);
  server.close();
  await once(server, 'close');
  expect(isTransientHttpError(await fetched())).toBe(true);
  const [failure] = (await once(connect(port, '127.0.0.1'), 'error')) as [unknown];
  expect(isTransientNodeError(failure)).toBe(true);
});
