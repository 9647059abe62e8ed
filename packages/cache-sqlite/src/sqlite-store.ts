import { setImmediate } from 'node:timers/promises';
import {
  checkInteger,
  checkKnown,
  checkString,
  systemClock,
  toBytes,
  toMilliseconds,
  type Clock,
  type Listenable,
  type Unsubscribe,
} from '@perf/core';
import type {
  CacheStore,
  StoreCall,
  StoreCapabilities,
  StoredEntry,
  StoreFencing,
  StoreHealth,
  StoreWrite,
  WriteResult,
} from '@perf/cache-core';
import type { EntryInfo, EntryQuery } from './entries/browse.ts';
import { planCleanup, type Cleaned, type CleanupRule } from './entries/cleanup.ts';
import type { SqliteStoreEvents } from './events.ts';
import { LocalStore } from './local-store.ts';
import {
  MAX_KEY_BYTES,
  resolveOptions,
  type SqliteSettings,
  type SqliteStoreOptions,
} from './sqlite-store-options.ts';
import type { StoreBackend } from './store-backend.ts';
import { WorkerStore } from './worker/worker-store.ts';

/** Options of the store's own methods that go through the whole file. */
export interface BrowseOptions {
  /** Ends the work when it aborts; the method rejects with its reason. */
  readonly signal?: AbortSignal;
}

/** A {@link CacheStore} in an SQLite file, with what the file allows beyond. */
export interface SqliteStore extends CacheStore, Listenable<SqliteStoreEvents>, AsyncDisposable {
  readonly fencing: StoreFencing;
  starting(): Promise<void> | undefined;
  touchMany(keys: readonly string[], ttl: number, call: StoreCall): Promise<void>;
  keys(prefix: string, call: StoreCall): AsyncIterable<readonly string[]>;
  clearExpired(call: StoreCall): Promise<number>;
  /**
   * Entries that fulfil the query, in the order of their keys, without their values. Reads the whole
   * range of keys, a hundred rows at a time, and lets the event loop run in between. Entries written or
   * deleted meanwhile may be missing or present.
   * @throws ConfigError when the query is not right; what `StoreUnavailableError` says when the file
   * does not answer
   */
  entries(query?: EntryQuery, options?: BrowseOptions): AsyncIterable<EntryInfo>;
  /**
   * Removes entries by a rule, in parts between which the event loop runs. Other processes keep what
   * they hold of them in memory: this makes room, it does not invalidate.
   * @throws ConfigError when the rule is not right
   */
  cleanup(rule: CleanupRule, options?: BrowseOptions): Promise<Cleaned>;
  /**
   * Gives the file's unused pages back to the file system, in parts between which the event loop
   * runs. Resolves to how many bytes that were.
   */
  vacuum(options?: BrowseOptions): Promise<number>;
}

const NEVER = new AbortController().signal;
const KNOWN_OF_QUERIES: readonly (keyof EntryQuery)[] = [
  'prefix',
  'tag',
  'olderThan',
  'largerThan',
  'limit',
];

function callOf(options: BrowseOptions): StoreCall {
  checkKnown('options', options, ['signal']);
  return { signal: options.signal ?? NEVER };
}

/** Checks what its users hand in, and does in parts what would take long; the rest is the backend's. */
export class FileStore implements SqliteStore {
  readonly name: string;
  readonly capabilities: StoreCapabilities;
  readonly fencing: StoreFencing;
  readonly #backend: StoreBackend;
  readonly #clock: Clock;

  constructor(settings: SqliteSettings, backend: StoreBackend, clock: Clock, blocking: boolean) {
    this.name = settings.name;
    this.capabilities = {
      scope: 'host',
      persistent: true,
      conditional: true,
      scan: true,
      touch: true,
      blocking,
      maxKeyBytes: MAX_KEY_BYTES,
      maxValueBytes: settings.maxValueBytes,
    };
    this.fencing = backend.fencing;
    this.#backend = backend;
    this.#clock = clock;
  }

  starting(): Promise<void> | undefined {
    return this.#backend.starting?.();
  }

  getMany(keys: readonly string[], call: StoreCall): Promise<readonly (StoredEntry | undefined)[]> {
    return this.#backend.getMany(keys, call);
  }

  async setMany(entries: readonly StoreWrite[], call: StoreCall): Promise<readonly WriteResult[]> {
    for (const { ttl } of entries) checkInteger('ttl', ttl, { infinite: true });
    return this.#backend.setMany(entries, call);
  }

  deleteMany(keys: readonly string[], call: StoreCall): Promise<number> {
    return this.#backend.deleteMany(keys, call);
  }

  async touchMany(keys: readonly string[], ttl: number, call: StoreCall): Promise<void> {
    checkInteger('ttl', ttl, { infinite: true });
    return this.#backend.touchMany(keys, ttl, call);
  }

  clear(call: StoreCall): Promise<void> {
    return this.#backend.clear(call);
  }

  async clearExpired({ signal }: StoreCall): Promise<number> {
    const { entries } = await this.cleanup({ by: 'expired' }, { signal });
    return entries;
  }

  health(call: StoreCall): Promise<StoreHealth> {
    return this.#backend.health(call);
  }

  on<Event extends keyof SqliteStoreEvents>(
    event: Event,
    listener: (payload: SqliteStoreEvents[Event]) => void,
  ): Unsubscribe {
    return this.#backend.events.on(event, listener);
  }

  async *keys(prefix: string, call: StoreCall): AsyncGenerator<readonly string[]> {
    let after = '';
    for (;;) {
      const page = await this.#backend.keyPage(prefix, after, call);
      const last = page.at(-1);
      if (last === undefined) return;
      yield page;
      after = last;
      await setImmediate();
    }
  }

  async *entries(query: EntryQuery = {}, options: BrowseOptions = {}): AsyncGenerator<EntryInfo> {
    checkKnown('entries', query, KNOWN_OF_QUERIES);
    const call = callOf(options);
    const { prefix = '', tag, olderThan, largerThan, limit = Infinity } = query;
    const filter = {
      prefix,
      tag: tag === undefined ? undefined : checkString('tag', tag),
      createdBefore:
        olderThan === undefined
          ? Infinity
          : this.#clock.epoch() - toMilliseconds('olderThan', olderThan),
      sizeAbove: largerThan === undefined ? -1 : toBytes('largerThan', largerThan, { min: 0 }),
    };
    let left = checkInteger('limit', limit, { infinite: true });
    for (let after: string | undefined = ''; after !== undefined; await setImmediate()) {
      const { entries, next } = await this.#backend.entryPage(filter, after, call);
      for (const entry of entries) {
        yield entry;
        left--;
        if (left === 0) return;
      }
      after = next;
    }
  }

  async cleanup(rule: CleanupRule, options: BrowseOptions = {}): Promise<Cleaned> {
    const plan = planCleanup(rule, this.#clock.epoch());
    const call = callOf(options);
    let entries = 0;
    let bytes = 0;
    for (let after: number | undefined = 0; after !== undefined; await setImmediate()) {
      const { removed, next } = await this.#backend.cleanupStep(plan, after, call);
      entries += removed.entries;
      bytes += removed.bytes;
      after = next;
    }
    return { entries, bytes };
  }

  async vacuum(options: BrowseOptions = {}): Promise<number> {
    const call = callOf(options);
    let total = 0;
    for (let goOn = true; goOn; await setImmediate()) {
      const { freed, more } = await this.#backend.vacuumStep(call);
      total += freed;
      goOn = more;
    }
    return total;
  }

  close(): Promise<void> {
    return this.#backend.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/**
 * A store in an SQLite file that any number of processes of one host share. The file is opened, and
 * better-sqlite3 loaded, at the first call: nothing here throws because of either. Calls reject with
 * `StoreUnavailableError` when the file does not answer (locked, full, not writable), with
 * `MissingDriverError` when better-sqlite3 is not installed, and with {@link SqliteFileError} when the
 * file is not a cache of ours or this process has no right to it; a cache treats each as a miss or a write to be repeated. A damaged file
 * is set aside and replaced by an empty one.
 * @throws ConfigError naming the option that is not right
 */
export function sqliteStore(options: SqliteStoreOptions): SqliteStore {
  const settings = resolveOptions(options);
  const clock = options.clock ?? systemClock;
  const backend =
    options.worker === true
      ? new WorkerStore(settings)
      : new LocalStore(settings, clock, options.driver);
  return new FileStore(settings, backend, clock, options.worker !== true);
}
