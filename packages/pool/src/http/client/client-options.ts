import {
  checkBoolean,
  checkInteger,
  checkKnown,
  checkString,
  ConfigError,
  toBytes,
  toMilliseconds,
  type ByteSize,
  type Clock,
  type Duration,
  type Policy,
} from '@perf/core';
import { type Backoff, type RetryBudget } from '@perf/resilience';
import type { HttpPhase } from '../errors.ts';
import { headersOf, type RequestHeaders } from './request-headers.ts';

/** How long the parts of a request may take. */
export interface HttpTimeouts {
  /** Resolving the name and connecting. @default '30s' */
  readonly connect?: Duration | undefined;
  /** The TLS handshake. @default '10s' */
  readonly tls?: Duration | undefined;
  /**
   * From the sending to the headers of the response; of a body that is a stream, how long neither it nor the response may make progress (noticed
   * after twice that at the latest). @default '30s'
   */
  readonly headers?: Duration | undefined;
  /** How long a body may make no progress, be it that nothing comes or that nobody reads. @default '30s' */
  readonly body?: Duration | undefined;
  /** All of it: waiting for the turn, retries, redirects, and the body. `Infinity` for none. @default '2m' */
  readonly request?: Duration | undefined;
}

/** When and how often a request is sent again. */
export interface HttpRetryOptions {
  /** The first one included. @default 4 */
  readonly maxAttempts?: number | undefined;
  /** @default 100 ms, doubled up to 800 ms; between half and all of it, by chance */
  readonly backoff?: Backoff | undefined;
  /** Statuses that may pass. @default 408, 425, 429, 500, 502, 503, 504 */
  readonly statuses?: readonly number[] | undefined;
  /** When `Retry-After` asks for more than this, the response is returned. @default '1m' */
  readonly maxRetryAfter?: Duration | undefined;
  /** Bounds all retries of the client. @default `retryBudget()`: a fifth of its requests, and ten a second in any case */
  readonly budget?: RetryBudget | undefined;
}

/** What a pool may set for all of its clients, and each client for itself. */
export interface HttpClientDefaults {
  /** Sent with each request, unless it has the same name itself. @default none */
  readonly headers?: RequestHeaders | undefined;
  readonly timeouts?: HttpTimeouts | undefined;
  /** `false` for none. */
  readonly retry?: HttpRetryOptions | false | undefined;
  /** Bytes of a response's body, also after it was decompressed. @default '10mb' */
  readonly maxResponseSize?: ByteSize | undefined;
  /** How many redirects are followed; with 0 a redirect is the response. @default 5 */
  readonly maxRedirects?: number | undefined;
  /** Whether compressed bodies are asked for, and decompressed. @default true */
  readonly decompress?: boolean | undefined;
  /** Runs each try, such as a circuit breaker; it sees statuses that may pass as a {@link HttpStatusError}. @default none */
  readonly policy?: Policy | undefined;
}

/** How many requests of a client there may be. */
export interface HttpClientLimits {
  /** At once. @default no limit but those of the pool */
  readonly max?: number | undefined;
  /** Waiting. @default the pool's `maxQueue` */
  readonly maxQueue?: number | undefined;
}

/** Options of a client. */
export interface HttpClientOptions extends HttpClientDefaults {
  /** Requests name a path below it, and can go nowhere else (but for redirects). @default none: requests have absolute URLs */
  readonly baseUrl?: string | URL | undefined;
  readonly limits?: HttpClientLimits | undefined;
}

/** {@link HttpClientOptions}, checked. Times are milliseconds. */
export interface HttpClientSettings {
  readonly baseUrl: URL | undefined;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly timeouts: Readonly<Record<HttpPhase, number>>;
  readonly retry: HttpRetryOptions | false;
  readonly maxResponseSize: number;
  readonly maxRedirects: number;
  readonly decompress: boolean;
  readonly policy: Policy | undefined;
  readonly limits: HttpClientLimits;
}

/** The names of {@link HttpClientDefaults}; `policy` is one of every pool's. */
export const CLIENT_DEFAULTS: readonly string[] = [
  'headers',
  'timeouts',
  'retry',
  'maxResponseSize',
  'maxRedirects',
  'decompress',
];

const TIMEOUTS: Readonly<Record<HttpPhase, Duration>> = {
  connect: '30s',
  tls: '10s',
  headers: '30s',
  body: '30s',
  request: '2m',
};
const RETRY = ['maxAttempts', 'backoff', 'statuses', 'maxRetryAfter', 'budget'];

/**
 * Those of the pool.
 * @throws {@link ConfigError} naming the option that is refused
 */
export function clientSettings(
  kind: string,
  options: HttpClientDefaults,
  pool: { readonly connectTimeout: number; readonly policy: Policy | undefined },
): HttpClientSettings {
  const defaults = { ...TIMEOUTS, connect: pool.connectTimeout };
  return {
    baseUrl: undefined,
    headers: headersOf(`${kind}.headers`, options.headers),
    timeouts: timeoutsOf(`${kind}.timeouts`, options.timeouts, defaults),
    retry: retryOf(`${kind}.retry`, options.retry ?? {}),
    maxResponseSize: toBytes(`${kind}.maxResponseSize`, options.maxResponseSize ?? '10mb', {
      infinite: true,
    }),
    maxRedirects: checkInteger(`${kind}.maxRedirects`, options.maxRedirects ?? 5, { min: 0 }),
    decompress: checkBoolean(`${kind}.decompress`, options.decompress ?? true),
    policy: pool.policy,
    limits: {},
  };
}

/**
 * Those of one client: what it does not say is as in the pool.
 * @throws {@link ConfigError} naming the option that is refused
 */
export function ownSettings(
  name: string,
  options: HttpClientOptions,
  pool: HttpClientSettings,
): HttpClientSettings {
  const kind = `client("${name}")`;
  checkKnown(kind, options, [...CLIENT_DEFAULTS, 'policy', 'baseUrl', 'limits']);
  const { retry = pool.retry, limits = {}, policy = pool.policy } = options;
  checkKnown(`${kind}.limits`, limits, ['max', 'maxQueue']);
  if (limits.max !== undefined) checkInteger(`${kind}.limits.max`, limits.max);
  if (limits.maxQueue !== undefined) {
    checkInteger(`${kind}.limits.maxQueue`, limits.maxQueue, { min: 0 });
  }
  if (policy !== undefined && typeof policy.execute !== 'function') {
    throw new ConfigError(`${kind}.policy`, policy, 'something with a method execute');
  }
  const { maxResponseSize = pool.maxResponseSize, maxRedirects = pool.maxRedirects } = options;
  return {
    baseUrl: options.baseUrl === undefined ? undefined : baseOf(kind, options.baseUrl),
    headers: { ...pool.headers, ...headersOf(`${kind}.headers`, options.headers) },
    timeouts: timeoutsOf(`${kind}.timeouts`, options.timeouts, pool.timeouts),
    retry: retry === false ? false : retryOf(`${kind}.retry`, { ...pool.retry, ...retry }),
    maxResponseSize: toBytes(`${kind}.maxResponseSize`, maxResponseSize, { infinite: true }),
    maxRedirects: checkInteger(`${kind}.maxRedirects`, maxRedirects, { min: 0 }),
    decompress: checkBoolean(`${kind}.decompress`, options.decompress ?? pool.decompress),
    policy,
    limits,
  };
}

/** Milliseconds, where those that are not given are the defaults. @throws {@link ConfigError} */
export function timeoutsOf(
  option: string,
  timeouts: HttpTimeouts = {},
  defaults: Readonly<Record<HttpPhase, Duration>> = TIMEOUTS,
): Readonly<Record<HttpPhase, number>> {
  checkKnown(option, timeouts, Object.keys(TIMEOUTS));
  const time = (phase: HttpPhase, infinite = false): number =>
    toMilliseconds(`${option}.${phase}`, timeouts[phase] ?? defaults[phase], { infinite });
  return {
    connect: time('connect'),
    tls: time('tls'),
    headers: time('headers', true),
    body: time('body', true),
    request: time('request', true),
  };
}

/** The rest is checked by the retry policy that is made of it. */
function retryOf(option: string, retry: HttpRetryOptions | false): HttpRetryOptions | false {
  if (retry === false) return false;
  checkKnown(option, retry, RETRY);
  const { statuses } = retry;
  if (statuses !== undefined && !statuses.every((one) => one >= 400 && one <= 599)) {
    throw new ConfigError(`${option}.statuses`, statuses, 'an array of statuses from 400 to 599');
  }
  return retry;
}

function baseOf(kind: string, baseUrl: string | URL): URL {
  const option = `${kind}.baseUrl`;
  const url = URL.canParse(String(baseUrl)) ? new URL(baseUrl) : undefined;
  const expected = 'an absolute URL of http or https, without user, password, query and fragment';
  // What was given is not shown: it may be a password that is in it.
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new ConfigError(option, undefined, expected);
  }
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    throw new ConfigError(option, undefined, expected);
  }
  checkString(option, url.hostname);
  return url;
}

/** What a retry policy needs of the pool. */
export interface RetryEnvironment {
  readonly clock: Clock;
  readonly random: () => number;
}
