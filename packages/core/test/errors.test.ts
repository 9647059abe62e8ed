import { inspect } from 'node:util';
import { ClosedError, ConfigError, MissingDriverError, PerfError, TimeoutError } from '@perf/core';
import { describe, expect, test } from 'vitest';
import type * as errors from '../src/errors.ts';

/** A second copy of the module, as when two versions of the package are installed. */
async function secondCopy(): Promise<typeof errors> {
  const address = '../src/errors.ts?copy';
  return (await import(/* @vite-ignore */ address)) as typeof errors;
}

describe.each([
  [new ConfigError('ttl', -1, 'positive'), ConfigError, 'ConfigError', 'PERF_CONFIG'],
  [new ClosedError('cache "users"'), ClosedError, 'ClosedError', 'PERF_CLOSED'],
  [new TimeoutError('the load', 50), TimeoutError, 'TimeoutError', 'PERF_TIMEOUT'],
  [
    new MissingDriverError('pg', '@perf/pool'),
    MissingDriverError,
    'MissingDriverError',
    'PERF_MISSING_DRIVER',
  ],
] as const)('%s', (error, errorClass, name, code) => {
  test('has its name, its code and a stack', () => {
    expect(error).toMatchObject({ name, code });
    expect(error.stack).toContain(error.message);
    expect(inspect(error)).toContain(name);
  });

  test('is an instance of its class, of PerfError and of Error, and of no other class', () => {
    expect(error instanceof errorClass).toBe(true);
    expect(error instanceof PerfError).toBe(true);
    expect(error instanceof Error).toBe(true);
    const others = [ConfigError, ClosedError, TimeoutError, MissingDriverError].filter(
      (other) => other !== errorClass,
    );
    for (const other of others) expect(error instanceof other).toBe(false);
  });
});

describe('an error of another copy of the package', () => {
  test('is an instance of the same classes', async () => {
    const copy = await secondCopy();
    const foreign = new copy.ConfigError('ttl', -1, 'positive');
    expect(copy.ConfigError).not.toBe(ConfigError);
    expect(foreign instanceof ConfigError).toBe(true);
    expect(foreign instanceof PerfError).toBe(true);
    expect(foreign instanceof TimeoutError).toBe(false);
    expect(new ConfigError('ttl', -1, 'positive') instanceof copy.PerfError).toBe(true);
  });

  test('is recognised through a subclass of its own', async () => {
    const copy = await secondCopy();
    class Special extends copy.TimeoutError {}
    expect(new Special('it', 1) instanceof TimeoutError).toBe(true);
    expect(new copy.TimeoutError('it', 1) instanceof Special).toBe(false);
  });

  test('is told by its code, whatever a minifier calls its class', async () => {
    const copy = await secondCopy();
    const mine = {
      a: class extends PerfError {
        static override readonly code = 'PERF_QUEUE_FULL';
      },
      b: class extends PerfError {
        static override readonly code = 'PERF_QUEUE_LOST';
      },
    };
    const theirs = {
      b: class extends copy.PerfError {
        static override readonly code = 'PERF_QUEUE_FULL';
      },
    };
    const full = new theirs.b('PERF_QUEUE_FULL', 'the queue is full');
    expect(full.name).toBe('b');
    expect(full instanceof mine.a).toBe(true);
    expect(full instanceof mine.b).toBe(false);
  });

  test('is a PerfError only, where its class names no code of its own', async () => {
    const copy = await secondCopy();
    const mine = { a: class extends PerfError {} };
    const theirs = { a: class extends copy.PerfError {} };
    const error = new theirs.a('PERF_OTHER', 'other');
    expect(error instanceof mine.a).toBe(false);
    expect(error instanceof PerfError).toBe(true);
    expect(error instanceof theirs.a).toBe(true);
  });
});

test.each<unknown>([
  undefined,
  null,
  'PERF_CONFIG',
  0,
  {},
  new Error('PERF_CONFIG'),
  { code: 'PERF_CONFIG' },
  { [Symbol.for('@perf/error')]: 5 },
  () => 1,
])('%o is no PerfError', (value) => {
  expect(value instanceof PerfError).toBe(false);
});

test('a subclass is named after itself and keeps its own code', () => {
  class QueueFullError extends PerfError {
    constructor() {
      super('PERF_QUEUE_FULL', 'the queue is full');
    }
  }
  const error = new QueueFullError();
  expect(error).toMatchObject({ name: 'QueueFullError', code: 'PERF_QUEUE_FULL' });
  expect(error instanceof QueueFullError).toBe(true);
  expect(new PerfError('PERF_OTHER', 'other') instanceof QueueFullError).toBe(false);
});

test('the cause is kept, and absent when there is none', () => {
  const cause = new Error('underneath');
  expect(new TimeoutError('it', 1, { cause }).cause).toBe(cause);
  expect(new ConfigError('a', 1, 'b', { cause: 0 }).cause).toBe(0);
  expect('cause' in new ClosedError('it')).toBe(false);
});

test('the brand does not show where an error is printed or copied', () => {
  const error = new TimeoutError('it', 1);
  expect(Object.getOwnPropertySymbols(Object.assign({}, error))).toEqual([]);
  expect(inspect(error)).not.toContain('@perf/error');
});

describe('an error that is made without its stack', () => {
  test('has its name and message as its stack, and all else', () => {
    const error = new TimeoutError('it', 1, { stack: false, cause: 'why' });
    expect(error.stack).toBe('TimeoutError: it took longer than 1 ms');
    expect(error).toMatchObject({ code: 'PERF_TIMEOUT', timeout: 1, cause: 'why' });
    expect(error instanceof TimeoutError).toBe(true);
  });

  test('leaves the stacks of others alone', () => {
    const limit = Error.stackTraceLimit;
    expect(new TimeoutError('it', 1, { stack: false }).stack).not.toContain('test');
    expect(Error.stackTraceLimit).toBe(limit);
    expect(new TimeoutError('it', 1).stack).toContain('errors.test.ts');
  });

  test('leaves the stacks of others alone when it cannot be made', () => {
    const limit = Error.stackTraceLimit;
    const options = {
      stack: false,
      get cause(): unknown {
        throw new Error('hostile');
      },
    };
    expect(() => new TimeoutError('it', 1, options)).toThrow('hostile');
    expect(Error.stackTraceLimit).toBe(limit);
  });

  test('has a stack where the limit may not be set', () => {
    const limit = Error.stackTraceLimit;
    Object.defineProperty(Error, 'stackTraceLimit', { value: limit, writable: false });
    try {
      expect(new TimeoutError('it', 1, { stack: false }).stack).toContain('errors.test.ts');
    } finally {
      Object.defineProperty(Error, 'stackTraceLimit', { value: limit, writable: true });
    }
  });
});

test('the name can be set, as that of any error', () => {
  const error = new TimeoutError('it', 1);
  error.name = 'Renamed';
  expect(error.name).toBe('Renamed');
  expect(Object.keys(error)).not.toContain('name');
  expect(new TimeoutError('it', 1).name).toBe('TimeoutError');
});

test('the context is in fields', () => {
  expect(new ConfigError('memory.ttl', 'x', 'a duration')).toMatchObject({
    option: 'memory.ttl',
    value: 'x',
  });
  expect(new ClosedError('cache "users"').resource).toBe('cache "users"');
  expect(new TimeoutError('it', 25).timeout).toBe(25);
  expect(new MissingDriverError('pg', '@perf/pool').driver).toBe('pg');
});

test('a missing driver is reported with the command that installs it', () => {
  expect(new MissingDriverError('better-sqlite3', '@perf/cache-sqlite').message).toBe(
    '@perf/cache-sqlite needs the package "better-sqlite3", which cannot be loaded. Run: npm install better-sqlite3',
  );
});

describe('the refused value is shown on one short line', () => {
  test.each<[unknown, string]>([
    ['5 potatoes', '"5 potatoes"'],
    ['a\nb', String.raw`"a\nb"`],
    ['x'.repeat(1000), `"${'x'.repeat(80)}…"`],
    [Number.NaN, 'NaN'],
    [-0.5, '-0.5'],
    [12n, '12n'],
    [null, 'null'],
    [undefined, 'undefined'],
    [Symbol('s'), 'Symbol(s)'],
    [() => 1, 'a function'],
    [[1, 2], 'an array'],
    [{ secret: 1 }, 'an object'],
    [Object.create(null), 'an object'],
  ])('%#', (value, shown) => {
    expect(new ConfigError('ttl', value, 'positive').message).toBe(
      `ttl must be positive, got ${shown}`,
    );
  });
});
