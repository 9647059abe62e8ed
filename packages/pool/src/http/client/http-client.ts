import type { Policy } from '@perf/core';
import { isTransientResponse, type Retry } from '@perf/resilience';
import type { Holding, LeakWatch } from '../../leaks/leak-watch.ts';
import { HttpRedirectError, HttpStatusError, HttpTimeoutError } from '../errors.ts';
import type { Sender } from '../exchange/exchange.ts';
import type { HttpResponse, ReceivedResponse } from '../exchange/response.ts';
import { requestChannel, type HttpClientStats, type HttpEmitter } from '../telemetry.ts';
import type { Gate, Queue } from '../turns/turns.ts';
import type { Call } from './call.ts';
import { Calls } from './calls.ts';
import { ClientMetrics, kindOf } from './client-metrics.ts';
import type { HttpClientSettings, RetryEnvironment } from './client-options.ts';
import { redirected } from './redirects.ts';
import { letGo } from './request-body.ts';
import type { HttpRequestOptions } from './request-options.ts';
import { retrying } from './retrying.ts';

/** A named user of an HTTP pool, with its own defaults, limits, retries and counters. */
export interface HttpClient {
  readonly name: string;
  /**
   * Sends a request, and resolves with the response when its headers have come, whatever its status is. Sends it again where that may help
   * and can do no harm. Any number may be under way at once.
   * Rejects with an {@link HttpError}; a `PoolAcquireError` when its turn does not come; the error of a policy; the signal's reason.
   * @param url with a `baseUrl`: a path that begins with `/`, below it; else an absolute URL
   */
  request(url: string | URL, options?: HttpRequestOptions): Promise<HttpResponse>;
  /** Counters of this client. */
  stats(): HttpClientStats;
}

/** The pool, as its clients see it. */
export interface ClientHost extends RetryEnvironment {
  readonly pool: string;
  readonly events: HttpEmitter;
  /** The queue of all. */
  readonly queue: Queue;
  /** @throws PoolClosedError */
  assertOpen(): void;
  readonly leaks: LeakWatch | undefined;
  gate(client: string, limit: number): Gate;
  send(
    call: Call,
    sender: Sender,
    signal: AbortSignal | undefined,
    holding: Holding | undefined,
  ): Promise<ReceivedResponse>;
}

/** A {@link HttpClient} of one pool. */
export class PooledClient implements HttpClient, Sender {
  readonly name: string;
  readonly gate: Gate | undefined;
  readonly queues: readonly Queue[];
  readonly #host: ClientHost;
  readonly #settings: HttpClientSettings;
  readonly #metrics: ClientMetrics;
  readonly #calls: Calls;
  readonly #retry: Retry | undefined;
  readonly #queue: Queue;

  /** @throws {@link ConfigError} for options of the retries that are refused */
  constructor(host: ClientHost, name: string, settings: HttpClientSettings) {
    const { max, maxQueue = host.queue.maxQueue } = settings.limits;
    this.name = name;
    this.gate = max === undefined ? undefined : host.gate(name, max);
    this.#queue = { waiting: 0, maxQueue };
    this.queues = [this.#queue, host.queue];
    this.#host = host;
    this.#settings = settings;
    this.#metrics = new ClientMetrics(host.clock);
    this.#calls = new Calls(name, settings);
    this.#retry = retrying(name, settings, host, this.#metrics, host.events);
  }

  async request(url: string | URL, options: HttpRequestOptions = {}): Promise<HttpResponse> {
    const holding = this.#host.leaks?.begin();
    const metrics = this.#metrics;
    const since = this.#host.clock.now();
    metrics.requests++;
    metrics.active++;
    let call: Call | undefined;
    try {
      call = this.#calls.make(url, options, since);
      this.#host.assertOpen();
      const response = await this.#follow(call, holding);
      metrics.answered(response.status);
      if (requestChannel.active) this.#publish(call, since, response.status, undefined);
      return response;
    } catch (error) {
      const kind = kindOf(error, options.signal);
      metrics.errors[kind]++;
      if (call !== undefined) letGo(call.body);
      if (call !== undefined && requestChannel.active) this.#publish(call, since, undefined, error);
      throw error;
    } finally {
      metrics.active--;
      metrics.latency.add(this.#host.clock.now() - since);
    }
  }

  stats(): HttpClientStats {
    return this.#metrics.read(this.name, this.#queue.waiting);
  }

  onBodyError(error: unknown, signal: AbortSignal | undefined): void {
    this.#metrics.bodyErrors[kindOf(error, signal)]++;
  }

  async #follow(first: Call, holding: Holding | undefined): Promise<ReceivedResponse> {
    const { maxRedirects } = this.#settings;
    let call = first;
    for (let followed = 0; ; followed++) {
      const response = await this.#persist(call, holding);
      if (maxRedirects === 0) return response;
      let next: Call | undefined;
      try {
        next = redirected(call, response.status, response.headers['location']);
      } catch (error) {
        response.discard();
        throw error;
      }
      if (next === undefined) return response;
      response.discard();
      if (followed === maxRedirects) {
        throw new HttpRedirectError(call, `it was redirected more than ${maxRedirects} times`);
      }
      this.#metrics.redirects++;
      call = next;
      const { deadline, timeouts } = call.terms;
      if (this.#host.clock.now() >= deadline) {
        throw new HttpTimeoutError('request', timeouts.request, call, {});
      }
    }
  }

  #persist(call: Call, holding: Holding | undefined): Promise<ReceivedResponse> {
    const { signal, deadline } = call.terms;
    if (this.#retry === undefined) return this.#try(call, signal, holding);
    return this.#retry.execute(() => this.#try(call, signal, holding), { signal, deadline });
  }

  #try(
    call: Call,
    signal: AbortSignal | undefined,
    holding: Holding | undefined,
  ): Promise<ReceivedResponse> {
    const { policy } = this.#settings;
    if (policy !== undefined) return this.#tryUnder(policy, call, signal, holding);
    return this.#send(call, signal, holding);
  }

  async #tryUnder(
    policy: Policy,
    call: Call,
    signal: AbortSignal | undefined,
    holding: Holding | undefined,
  ): Promise<ReceivedResponse> {
    let last: ReceivedResponse | undefined;
    try {
      return await policy.execute(
        async (context) => {
          // A policy may run this more than once.
          last?.discard();
          last = undefined;
          const response = await this.#send(call, context.signal, holding);
          if (!isTransientResponse(response)) return response;
          last = response;
          const { status, headers, isRetryable } = response;
          throw new HttpStatusError(status, headers, call, isRetryable);
        },
        { signal },
      );
    } catch (error) {
      // What it makes of a status, such as an error of its own, holds; the status itself is for the caller.
      if (last !== undefined && error instanceof HttpStatusError) return last;
      last?.discard();
      throw error;
    }
  }

  #send(
    call: Call,
    signal: AbortSignal | undefined,
    holding: Holding | undefined,
  ): Promise<ReceivedResponse> {
    const sent = this.#host.send(call, this, signal, holding);
    return call.terms.buffered ? keptWhole(sent) : sent;
  }

  #publish(call: Call, since: number, status: number | undefined, error: unknown): void {
    const { method, origin } = call;
    requestChannel.publish({
      pool: this.#host.pool,
      client: this.name,
      method,
      origin,
      status,
      error: error === undefined ? undefined : kindOf(error, call.terms.signal),
      duration: this.#host.clock.now() - since,
    });
  }
}

async function keptWhole(sent: Promise<ReceivedResponse>): Promise<ReceivedResponse> {
  const response = await sent;
  await response.keep();
  return response;
}
