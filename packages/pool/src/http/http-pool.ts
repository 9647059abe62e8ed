import {
  checkInteger,
  checkString,
  ConfigError,
  toMilliseconds,
  type Closeable,
  type Clock,
  type Duration,
  type Listenable,
} from '@perf/core';
import { PoolClosedError } from '../errors.ts';
import { LeakWatch, type Holding } from '../leaks/leak-watch.ts';
import type { Call } from './client/call.ts';
import {
  ownSettings,
  type HttpClientOptions,
  type HttpClientSettings,
} from './client/client-options.ts';
import { PooledClient, type ClientHost, type HttpClient } from './client/http-client.ts';
import { HurriedClock } from './client/hurried-clock.ts';
import type { HttpRequestOptions } from './client/request-options.ts';
import { Connections } from './connections/connections.ts';
import { Origins } from './connections/origins.ts';
import type { Sender } from './exchange/exchange.ts';
import { Exchanges } from './exchange/exchanges.ts';
import type { HttpResponse, ReceivedResponse } from './exchange/response.ts';
import { httpPoolSettings, type HttpPoolOptions, type HttpPoolSettings } from './options.ts';
import { HttpEmitter, type HttpPoolEvents, type HttpPoolStats } from './telemetry.ts';
import { Turns, type Gate, type Queue } from './turns/turns.ts';

/** Connections to any number of HTTP/1.1 servers, under one limit, and the clients that share them. */
export interface HttpPool extends Closeable, Listenable<HttpPoolEvents> {
  readonly name: string;
  /**
   * The client of this name: made at the first call, the same at each further one.
   * @throws {@link ConfigError} for an option that is refused, and for options of a client that there is already
   */
  client(name: string, options?: HttpClientOptions): HttpClient;
  /** As `request` of the client `default`, which has what the pool's options say. */
  request(url: string | URL, options?: HttpRequestOptions): Promise<HttpResponse>;
  /** How many requests there may be at once from now on, of all, from 1 to `max`; those under way go on. */
  setLimit(limit: number): void;
  stats(): HttpPoolStats;
  /**
   * Lets no request in, sends away those that wait, lets those under way come to their end, or ends them after `timeout` (10 s), and closes
   * all connections. Idempotent.
   */
  drain(options?: { readonly timeout?: Duration | undefined }): Promise<void>;
  /** {@link drain} with its defaults. */
  close(): Promise<void>;
}

/** The name of the client behind `pool.request`. */
const DEFAULT_CLIENT = 'default';

/**
 * Needs the package `undici`, which is loaded at the first request: without it that rejects with a `MissingDriverError`.
 * @throws {@link ConfigError} for an option that is refused
 * @example
 * const http = createHttpPool({ max: 100, maxPerOrigin: 10 });
 * const payments = http.client('payments', { baseUrl: 'https://pay.example.com/v1', timeouts: { request: '5s' } });
 * const response = await payments.request('/charges', { json: { amount: 100 } });
 */
export function createHttpPool(options: HttpPoolOptions = {}): HttpPool {
  return new ClientPool(httpPoolSettings(options));
}

class ClientPool implements HttpPool, ClientHost {
  readonly name: string;
  readonly pool: string;
  readonly clock: Clock;
  readonly random: () => number;
  readonly events: HttpEmitter;
  readonly queue: Queue;
  readonly leaks: LeakWatch | undefined;
  readonly #settings: HttpPoolSettings;
  readonly #hurried: HurriedClock;
  readonly #turns: Turns;
  readonly #origins: Origins;
  readonly #connections: Connections;
  readonly #exchanges: Exchanges;
  readonly #clients = new Map<string, PooledClient>();
  readonly #default: PooledClient;
  #drained: Promise<void> | undefined;

  constructor(settings: HttpPoolSettings) {
    const { name, clock, random } = settings;
    this.name = name;
    this.pool = name;
    this.random = random;
    this.#settings = settings;
    this.#hurried = new HurriedClock(clock);
    this.clock = this.#hurried;
    this.events = new HttpEmitter(name);
    this.leaks = this.#leakWatch();
    this.#turns = new Turns(settings);
    this.queue = this.#turns.queue;
    this.#origins = new Origins(settings);
    this.#connections = new Connections(settings, this.#origins, this.events);
    this.#exchanges = new Exchanges(
      settings,
      this.#turns,
      this.#origins,
      this.#connections,
      this.events,
      this.leaks,
    );
    // Its options are refused now, not at the first request.
    this.#default = this.#add(DEFAULT_CLIENT, settings.client);
  }

  client(name: string, options?: HttpClientOptions): HttpClient {
    const known = this.#clients.get(checkString('client.name', name));
    if (known === undefined) {
      return this.#add(name, ownSettings(name, options ?? {}, this.#settings.client));
    }
    if (options === undefined) return known;
    throw new ConfigError(
      `client("${name}")`,
      undefined,
      'made once: leave the options out to have the one that there is',
    );
  }

  request(url: string | URL, options?: HttpRequestOptions): Promise<HttpResponse> {
    return this.#default.request(url, options);
  }

  setLimit(limit: number): void {
    this.#turns.total.setLimit(checkInteger('limit', limit, { max: this.#settings.max }));
  }

  stats(): HttpPoolStats {
    const { name, min, max, maxIdle } = this.#settings;
    const { limit, active, acquired, released } = this.#turns.total;
    const { timeouts, rejected, aborted, acquireTimes } = this.#turns;
    const { idle, connectingCount, createdCount, destroyed, errors } = this.#connections;
    return {
      name,
      min,
      max,
      maxIdle,
      limit,
      total: active + idle,
      active,
      idle,
      connecting: connectingCount,
      waiting: this.queue.waiting,
      utilization: active / limit,
      acquired,
      released,
      created: createdCount,
      destroyed: { ...destroyed },
      timeouts,
      rejected,
      aborted,
      errors,
      leaked: this.leaks?.leaked ?? 0,
      acquireMs: acquireTimes.read(),
      useMs: this.#exchanges.useTimes.read(),
      connectMs: this.#connections.connectTimes.read(),
      origins: this.#origins.size,
      abandoned: this.#exchanges.abandoned,
      clients: Object.fromEntries([...this.#clients].map(([name, one]) => [name, one.stats()])),
    };
  }

  on<Event extends keyof HttpPoolEvents>(
    event: Event,
    listener: (payload: HttpPoolEvents[Event]) => void,
  ): () => void {
    return this.events.on(event, listener);
  }

  drain({ timeout = '10s' }: { readonly timeout?: Duration | undefined } = {}): Promise<void> {
    const bound = toMilliseconds('drain.timeout', timeout, { min: 0 });
    this.#drained ??= this.#drain(bound);
    return this.#drained;
  }

  close(): Promise<void> {
    return this.drain();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.drain();
  }

  assertOpen(): void {
    if (this.#drained !== undefined) throw new PoolClosedError(this.name);
  }

  gate(client: string, limit: number): Gate {
    return this.#turns.gate(`${this.name}: client "${client}"`, limit);
  }

  send(
    call: Call,
    sender: Sender,
    signal: AbortSignal | undefined,
    holding: Holding | undefined,
  ): Promise<ReceivedResponse> {
    const isReady = this.#connections.maker !== undefined;
    if (isReady) return this.#exchanges.send(call, sender, signal, holding);
    return this.#connections
      .loadMaker()
      .then(() => this.#exchanges.send(call, sender, signal, holding));
  }

  #add(name: string, settings: HttpClientSettings): PooledClient {
    const client = new PooledClient(this, name, settings);
    this.#clients.set(name, client);
    return client;
  }

  async #drain(timeout: number): Promise<void> {
    const { total } = this.#turns;
    total.close();
    this.#origins.close();
    for (const { gate } of this.#clients.values()) gate?.close();
    this.#connections.close();
    this.#hurried.hurry();
    const timer = this.#settings.clock.setTimer(
      () => {
        this.#exchanges.end();
      },
      timeout,
      { keepAlive: true },
    );
    await total.idle();
    timer.cancel();
    await this.#connections.gone();
    this.#exchanges.deadlines.close();
    this.leaks?.close();
  }

  #leakWatch(): LeakWatch | undefined {
    const { name, clock, leakThreshold, leakStacks } = this.#settings;
    if (leakThreshold === Infinity) return undefined;
    return new LeakWatch({
      name,
      clock,
      threshold: leakThreshold,
      stacks: leakStacks,
      onLeak: (event) => {
        this.events.leak(event);
      },
      onReturn: (event) => {
        this.events.emit('leakReturned', event);
      },
    });
  }
}
