import { abortable, checkInteger, Lifecycle, type Listenable, type Unsubscribe } from '@perf/core';
import {
  StoreUnavailableError,
  type CacheStore,
  type StoreCall,
  type StoreCapabilities,
  type StoredEntry,
  type StoreFencing,
  type StoreHealth,
  type StoreListener,
  type StoreWrite,
  type WriteResult,
} from '@perf/cache-core';
import { Connection } from './client/connection.ts';
import { readHealth } from './client/health.ts';
import { Entries } from './entries/entries.ts';
import { clearNames, scanKeys } from './entries/key-scan.ts';
import { Limits } from './entries/limits.ts';
import type { RedisServerError } from './errors.ts';
import { StoreEvents, type RedisStoreEvents } from './events.ts';
import { Fencing } from './fencing/fencing.ts';
import { Ledger } from './fencing/ledger.ts';
import type { KeySpace } from './keys/key-space.ts';
import {
  MAX_KEY_BYTES,
  resolveOptions,
  type RedisStoreOptions,
  type RedisStoreSettings,
} from './redis-store-options.ts';
import { ScriptRunner } from './batching/script-runner.ts';

/** A {@link CacheStore} in Redis. */
export interface RedisStore extends CacheStore, Listenable<RedisStoreEvents>, AsyncDisposable {
  readonly fencing: StoreFencing;
  starting(): Promise<void> | undefined;
  touchMany(keys: readonly string[], ttl: number, call: StoreCall): Promise<void>;
  /**
   * Pages of keys that begin with `prefix`, by `SCAN` on every master: one for each step, empty where it
   * met only keys of others. A million keys are remembered so as not to come twice; of more, some may.
   */
  keys(prefix: string, call: StoreCall): AsyncIterable<readonly string[]>;
  watch(listener: StoreListener): void;
  sever(call: StoreCall): Promise<boolean>;
}

class Store implements RedisStore {
  readonly name: string;
  readonly capabilities: StoreCapabilities;
  readonly fencing: StoreFencing;
  readonly #space: KeySpace;
  readonly #events: StoreEvents;
  readonly #connection: Connection;
  readonly #runner: ScriptRunner;
  readonly #entries: Entries;
  readonly #lifecycle: Lifecycle;
  /** How many lost connections it was told of which nothing could be made sure. */
  #unsure = 0;

  constructor({ name, maker, space, maxValueBytes, clock }: RedisStoreSettings) {
    this.name = name;
    this.capabilities = {
      scope: 'network',
      persistent: true,
      conditional: true,
      scan: true,
      touch: true,
      blocking: false,
      announces: 'redis',
      clearsByScan: true,
      maxKeyBytes: MAX_KEY_BYTES,
      maxValueBytes,
    };
    this.#space = space;
    this.#events = new StoreEvents(name);
    this.#connection = new Connection(maker, clock, {
      onError: (error) => {
        this.#events.emit('trouble', { operation: 'connect', error });
      },
      onReplaced: (how) => {
        this.#events.emit('replaced', { how });
      },
      onWarning: (error) => {
        this.#events.emit('warning', { error: error as RedisServerError });
      },
    });
    this.#lifecycle = new Lifecycle(`store "${name}"`, () => this.#connection.close());
    const runner = new ScriptRunner(name, this.#lifecycle, this.#connection, this.#events, clock);
    this.#runner = runner;
    const limits = new Limits(MAX_KEY_BYTES, maxValueBytes);
    this.#entries = new Entries(runner, space, limits, this.#events);
    const ledger = new Ledger(runner, space);
    this.fencing = new Fencing(runner, space, limits, this.#events, ledger);
  }

  starting(): Promise<void> | undefined {
    return this.#connection.starting();
  }

  getMany(keys: readonly string[], call: StoreCall): Promise<readonly (StoredEntry | undefined)[]> {
    return this.#entries.getMany(keys, call);
  }

  async setMany(entries: readonly StoreWrite[], call: StoreCall): Promise<readonly WriteResult[]> {
    for (const { ttl } of entries) checkInteger('ttl', ttl, { infinite: true });
    return this.#entries.setMany(entries, call);
  }

  deleteMany(keys: readonly string[], call: StoreCall): Promise<number> {
    return this.#entries.deleteMany(keys, call);
  }

  async touchMany(keys: readonly string[], ttl: number, call: StoreCall): Promise<void> {
    checkInteger('ttl', ttl, { infinite: true });
    return this.#entries.touchMany(keys, ttl, call);
  }

  async *keys(prefix: string, call: StoreCall): AsyncGenerator<readonly string[]> {
    const watch = await this.#open('keys', call);
    try {
      for await (const page of scanKeys(watch, this.#space, prefix, call)) {
        yield page;
        this.#lifecycle.assertOpen();
      }
    } catch (error) {
      throw this.#unavailable('keys', call, error);
    }
  }

  async clear(call: StoreCall): Promise<void> {
    const watch = await this.#open('clear', call);
    try {
      await clearNames(watch, this.#space, call);
    } catch (error) {
      throw this.#unavailable('clear', call, error);
    }
  }

  watch(listener: StoreListener): void {
    this.#connection.listen(listener);
  }

  async sever(call: StoreCall): Promise<boolean> {
    const watch = await this.#open('sever', call);
    try {
      const unsure = await watch.sever(call.signal);
      const isSure = unsure === this.#unsure;
      this.#unsure = unsure;
      return isSure;
    } catch (error) {
      throw this.#unavailable('sever', call, error);
    }
  }

  async health(call: StoreCall): Promise<StoreHealth> {
    try {
      const watch = await this.#open('health', call);
      return await readHealth(watch, call);
    } catch (error) {
      return { healthy: false, reason: reasonOf(error) };
    }
  }

  on<Event extends keyof RedisStoreEvents>(
    event: Event,
    listener: (payload: RedisStoreEvents[Event]) => void,
  ): Unsubscribe {
    return this.#events.on(event, listener);
  }

  close(): Promise<void> {
    return this.#lifecycle.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #open(operation: string, call: StoreCall): ReturnType<Connection['open']> {
    this.#runner.assertOpen(call);
    try {
      return await abortable(this.#connection.open(), call.signal);
    } catch (error) {
      throw this.#unavailable(operation, call, error);
    }
  }

  #unavailable(operation: string, { signal }: StoreCall, error: unknown): unknown {
    this.#lifecycle.assertOpen();
    if (signal.aborted && error === signal.reason) return error;
    return new StoreUnavailableError(this.name, operation, { cause: error });
  }
}

/** The deepest reason that there is. */
function reasonOf(error: unknown): string {
  let deepest = error;
  while (deepest instanceof Error && deepest.cause !== undefined) deepest = deepest.cause;
  return deepest instanceof Error ? deepest.message : String(deepest);
}

/**
 * A store in Redis (one server, Sentinel, or Cluster) that the instances of a service share. ioredis is
 * loaded, and the connection made, at the first call, unless a client is handed in. Calls reject with
 * `StoreUnavailableError` when Redis does not answer or answers with an error, at once while there is no
 * connection; and, as its cause, with `MissingDriverError` when ioredis is not installed. A cache treats
 * each as a miss, or as a write to be repeated.
 * @throws ConfigError naming the option, or the setting of the client, that is not right
 */
export function redisStore(options: RedisStoreOptions): RedisStore {
  return new Store(resolveOptions(options));
}
