import { HttpInvalidRequestError, type HttpTarget } from '../errors.ts';
import { ACCEPTED } from '../exchange/decoding.ts';
import { Call, type CallTerms } from './call.ts';
import { timeoutsOf, type HttpClientSettings } from './client-options.ts';
import { bodyOf, letGo, type SentBody } from './request-body.ts';
import { headersOf, type SentHeaders } from './request-headers.ts';
import type { HttpRequestOptions } from './request-options.ts';
import { Addressing } from './request-url.ts';
import { transientStatuses } from './retrying.ts';

/** RFC 9110, section 5.6.2: a token. */
const METHOD = /^[!#$%&'*+\-.^_`|~\w]+$/;

/** Makes of what a user asks for what is sent. */
export class Calls {
  readonly #client: string;
  readonly #settings: HttpClientSettings;
  readonly #addressing: Addressing;
  readonly #headers: SentHeaders;
  readonly #isTransient: (status: number) => boolean;

  constructor(client: string, settings: HttpClientSettings) {
    this.#client = client;
    this.#settings = settings;
    this.#addressing = new Addressing(settings.baseUrl);
    this.#headers = settings.decompress
      ? { 'accept-encoding': ACCEPTED, ...settings.headers }
      : settings.headers;
    this.#isTransient = transientStatuses(settings);
  }

  /** @throws {@link HttpInvalidRequestError}, or a {@link ConfigError} for a timeout; a body that is a stream is then let go of */
  make(url: string | URL, options: HttpRequestOptions, now: number): Call {
    const hasBody = options.body !== undefined || options.json !== undefined;
    const method = options.method?.toUpperCase() ?? (hasBody ? 'POST' : 'GET');
    const target = { client: this.#client, method, origin: this.#addressing.origin };
    const body = bodyOf(options, target);
    try {
      return this.#make(url, options, method, body, target, now);
    } catch (error) {
      letGo(body);
      throw error;
    }
  }

  #make(
    url: string | URL,
    options: HttpRequestOptions,
    method: string,
    body: SentBody,
    target: HttpTarget,
    now: number,
  ): Call {
    if (!METHOD.test(method) || method === 'CONNECT') {
      throw new HttpInvalidRequestError({ ...target, method: '' }, 'there is no such method');
    }
    const address = this.#addressing.resolve(url, options.query, target);
    return new Call(
      this.#client,
      method,
      address,
      this.#headersOf(options, body),
      body,
      this.#termsOf(options, now),
    );
  }

  #headersOf({ headers }: HttpRequestOptions, { type }: SentBody): SentHeaders {
    if (headers === undefined && type === undefined) return this.#headers;
    const all: Record<string, string | readonly string[]> = { ...this.#headers };
    if (type !== undefined) all['content-type'] ??= type;
    if (headers === undefined) return all;
    const own = headersOf('headers', headers);
    for (const [name, value] of Object.entries(headers)) {
      if (value === undefined) delete all[name.toLowerCase()];
    }
    return { ...all, ...own };
  }

  #termsOf(options: HttpRequestOptions, now: number): CallTerms {
    const { maxResponseSize, decompress } = this.#settings;
    const { signal, priority, idempotent, buffered = false } = options;
    const timeouts =
      options.timeouts === undefined
        ? this.#settings.timeouts
        : timeoutsOf('timeouts', options.timeouts, this.#settings.timeouts);
    return {
      signal,
      priority,
      deadline: now + timeouts.request,
      timeouts,
      maxResponseSize,
      decompress,
      buffered,
      idempotent,
      isTransient: this.#isTransient,
    };
  }
}
