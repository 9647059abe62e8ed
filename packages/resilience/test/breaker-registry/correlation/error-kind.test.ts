import { TimeoutError } from '@perf/core';
import { describe, expect, it } from 'vitest';
import { errorKind } from '../../../src/breaker-registry/correlation/error-kind.ts';

const error = (fields: object): Error => Object.assign(new Error('x'), fields);

describe('the kind of an error', () => {
  it.each([
    ['a timeout of ours', new TimeoutError('a call', 5), 'timeout'],
    ['a timeout of the platform', new DOMException('x', 'TimeoutError'), 'timeout'],
    ['a socket’s timeout', error({ code: 'ETIMEDOUT' }), 'timeout'],
    ['a refused connection', error({ code: 'ECONNREFUSED' }), 'connection'],
    ['a reset behind fetch failed', error({ cause: error({ code: 'ECONNRESET' }) }), 'connection'],
    ['an unknown host', error({ code: 'ENOTFOUND' }), 'dns'],
    ['429', error({ status: 429 }), 'throttled'],
    ['503', error({ statusCode: 503 }), 'unavailable'],
    ['500', { status: 500 }, 'server'],
    ['404', { status: 404 }, 'client'],
    ['a code of PostgreSQL', error({ code: '40001' }), '40001'],
    ['another code', error({ code: 'X'.repeat(100) }), 'X'.repeat(40)],
    ['an error without a code', new RangeError('x'), 'RangeError'],
    ['a string', 'x', 'string'],
    ['nothing', undefined, 'undefined'],
    ['null', null, 'object'],
    ['an object without a name', Object.create(null), 'unknown'],
  ])('of %s', (_, value, kind) => {
    expect(errorKind(value)).toBe(kind);
  });
});
