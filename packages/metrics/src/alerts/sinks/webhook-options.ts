import { randomInt } from 'node:crypto';
import {
  checkFunction,
  checkInteger,
  checkKnown,
  checkString,
  ConfigError,
  seededRandom,
  systemClock,
  toMilliseconds,
  type Clock,
  type Duration,
} from '@perf/core';
import type { AlertNotification } from '../alert.ts';

/** Options of {@link webhookSink}. */
export interface WebhookOptions {
  /** `https:`, or `http:` within a network that is trusted. Its path and query are taken for secret, as Slack's are: they are in no error. */
  readonly url: string | URL;
  /** Signs each body in the header `x-perf-signature`, for `verifyWebhook`; at least 16 characters. In no error, and not to be seen in the sink. @default not signed */
  readonly secret?: string | undefined;
  /** Sent with each notification; their values are taken for secret. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** What is sent, as JSON. @default the notification, with times in ISO 8601 */
  readonly payload?: ((notification: AlertNotification) => unknown) | undefined;
  /** Of one attempt. @default '5s' */
  readonly timeout?: Duration | undefined;
  /** How many attempts follow one that failed for a while: no answer, 408, 429 or 5xx. @default 4 */
  readonly retries?: number | undefined;
  /** Before the first of them; doubled for each further one, with a quarter left to chance. @default '1s' */
  readonly retryDelay?: Duration | undefined;
  /** The longest, also when the server asks for more by `Retry-After`. @default '30s' */
  readonly maxRetryDelay?: Duration | undefined;
  /** How many may wait for those before them; the oldest is given up for a further one. @default 100 */
  readonly maxQueue?: number | undefined;
  /** How long `close()` goes on to deliver. @default '5s' */
  readonly closeTimeout?: Duration | undefined;
  /** Told in errors and events. @default 'webhook' */
  readonly name?: string | undefined;
  /** Sends requests. @default the global one */
  readonly fetch?: typeof fetch | undefined;
  /** Numbers from 0 to below 1. @default a generator with a seed of its own */
  readonly random?: (() => number) | undefined;
  /** The source of time. @default systemClock */
  readonly clock?: Clock | undefined;
}

/** {@link WebhookOptions}, checked and completed. */
export interface WebhookSettings {
  readonly url: URL;
  readonly secret: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly payload: (notification: AlertNotification) => unknown;
  readonly timeout: number;
  readonly retries: number;
  readonly retryDelay: number;
  readonly maxRetryDelay: number;
  readonly maxQueue: number;
  readonly closeTimeout: number;
  readonly name: string;
  readonly fetch: typeof fetch;
  readonly random: () => number;
  readonly clock: Clock;
}

const WHAT = 'webhookSink';
const KNOWN = [
  'url',
  'secret',
  'headers',
  'payload',
  'timeout',
  'retries',
  'retryDelay',
  'maxRetryDelay',
  'maxQueue',
  'closeTimeout',
  'name',
  'fetch',
  'random',
  'clock',
];
const SHORTEST_SECRET = 16;
/** Stands in an error for what may be secret. */
const HIDDEN = '(hidden)';

/** @throws ConfigError naming the option that is refused, without what may be secret in it */
export function resolveWebhook(options: WebhookOptions): WebhookSettings {
  checkKnown(WHAT, options, KNOWN);
  const retryDelay = toMilliseconds(`${WHAT}.retryDelay`, options.retryDelay ?? '1s');
  return {
    url: checkUrl(options.url),
    secret: checkSecret(options.secret),
    headers: checkHeaders(options.headers ?? {}),
    payload: checkFunction(`${WHAT}.payload`, options.payload ?? defaultPayload),
    timeout: toMilliseconds(`${WHAT}.timeout`, options.timeout ?? '5s'),
    retries: checkInteger(`${WHAT}.retries`, options.retries ?? 4, { min: 0, max: 20 }),
    retryDelay,
    maxRetryDelay: toMilliseconds(
      `${WHAT}.maxRetryDelay`,
      options.maxRetryDelay ?? Math.max(retryDelay, 30_000),
      { min: retryDelay },
    ),
    maxQueue: checkInteger(`${WHAT}.maxQueue`, options.maxQueue ?? 100, { max: 10_000 }),
    closeTimeout: toMilliseconds(`${WHAT}.closeTimeout`, options.closeTimeout ?? '5s', { min: 0 }),
    name: checkString(`${WHAT}.name`, options.name ?? 'webhook'),
    fetch: checkFunction(`${WHAT}.fetch`, options.fetch ?? fetch),
    random: checkFunction(`${WHAT}.random`, options.random ?? seededRandom(randomInt(2 ** 32))),
    clock: options.clock ?? systemClock,
  };
}

function checkUrl(given: string | URL): URL {
  const url = URL.canParse(String(given)) ? new URL(given) : undefined;
  if (url === undefined || !['http:', 'https:'].includes(url.protocol)) {
    throw new ConfigError(`${WHAT}.url`, HIDDEN, 'an absolute URL of http or https');
  }
  if (url.username !== '' || url.password !== '') {
    throw new ConfigError(
      `${WHAT}.url`,
      HIDDEN,
      'without a user and password: give them as a header "authorization"',
    );
  }
  return url;
}

function checkSecret(secret: string | undefined): string | undefined {
  if (secret !== undefined && (typeof secret !== 'string' || secret.length < SHORTEST_SECRET)) {
    throw new ConfigError(
      `${WHAT}.secret`,
      HIDDEN,
      `a string of at least ${SHORTEST_SECRET} characters`,
    );
  }
  return secret;
}

function checkHeaders(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  for (const [name, value] of Object.entries(headers)) {
    if (!isHeader(name, value)) {
      throw new ConfigError(`${WHAT}.headers.${name}`, HIDDEN, 'a header that HTTP allows');
    }
  }
  return { ...headers };
}

function isHeader(name: string, value: string): boolean {
  try {
    return new Headers([[name, value]]).has(name);
  } catch {
    return false;
  }
}

function defaultPayload({ startsAt, endsAt, ...rest }: AlertNotification): unknown {
  return {
    version: 1,
    ...rest,
    startsAt: new Date(startsAt).toISOString(),
    endsAt: endsAt === undefined ? null : new Date(endsAt).toISOString(),
  };
}
