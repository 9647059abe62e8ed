import type { Clock } from '@perf/core';
import { RefusedError } from '../errors.ts';
import { someInChain, type ErrorLike } from './transient/error-chain.ts';

/**
 * How long the other side wants us to wait, in milliseconds: the `Retry-After` of the headers (seconds, or a date) on the error, its
 * `response` or a `Response` that was returned, or the `retryAfter` of a refusal of ours. `undefined` when it does not say.
 * @see RFC 9110, section 10.2.3
 */
export function retryAfterOf(result: unknown, clock: Clock): number | undefined {
  let found: number | undefined;
  someInChain(result, (from) => {
    found =
      from instanceof RefusedError
        ? from.retryAfter
        : (headerOf(from, clock) ?? headerOf(from.response as ErrorLike | undefined, clock));
    return found !== undefined;
  });
  return found;
}

function headerOf(from: ErrorLike | undefined, clock: Clock): number | undefined {
  const headers = from?.headers;
  if (typeof headers !== 'object' || headers === null) return undefined;
  // Of `fetch` or of another implementation, or a plain object of names in small letters.
  const { get } = headers as { readonly get?: unknown };
  const value: unknown =
    typeof get === 'function'
      ? Reflect.apply(get, headers, ['retry-after'])
      : (headers as Readonly<Record<string, unknown>>)['retry-after'];
  return typeof value === 'string' || typeof value === 'number'
    ? parseRetryAfter(String(value), clock)
    : undefined;
}

function parseRetryAfter(text: string, clock: Clock): number | undefined {
  if (/^\s*\d+\s*$/.test(text)) return Number(text) * 1000;
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, date - clock.epoch());
}
