import { ConfigError } from '@perf/core';

/** Headers to send: an object, or pairs, such as the `Headers` of `fetch`. `undefined` leaves one out. */
export type RequestHeaders =
  | Readonly<Record<string, string | number | readonly string[] | undefined>>
  | Iterable<readonly [string, string]>;

/** Names in small letters. */
export type SentHeaders = Readonly<Record<string, string | readonly string[]>>;

/** What may go to another origin than the one that the request was for; the rest may be a secret between those two. */
const CARRIED: ReadonlySet<string> = new Set([
  'accept',
  'accept-encoding',
  'accept-language',
  'content-encoding',
  'content-language',
  'content-type',
  'if-modified-since',
  'if-none-match',
  'range',
  'traceparent',
  'tracestate',
  'user-agent',
]);

/**
 * @param option names them in the error, which does not show their values
 * @throws {@link ConfigError} when they are no headers
 */
export function headersOf(option: string, headers: RequestHeaders | undefined): SentHeaders {
  if (headers === undefined) return {};
  if (typeof headers !== 'object' || headers === null) {
    throw new ConfigError(option, undefined, 'an object of headers');
  }
  const own: Record<string, string | readonly string[]> = {};
  const pairs = Symbol.iterator in headers ? headers : Object.entries(headers);
  for (const [name, value] of pairs as Iterable<
    readonly [string, string | number | readonly string[] | undefined]
  >) {
    if (value === undefined) continue;
    own[name.toLowerCase()] = typeof value === 'number' ? String(value) : value;
  }
  return own;
}

/** What of the headers goes along to another origin. */
export function carriedHeaders(headers: SentHeaders): SentHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => CARRIED.has(name)));
}

/** Without what tells of a body that is not sent any more. */
export function bodilessHeaders(headers: SentHeaders): SentHeaders {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => !name.startsWith('content-')),
  );
}
