import {
  StoreUnavailableError,
  type CacheStore,
  type StoreCall,
  type StoreCapabilities,
  type StoredEntry,
  type StoreHealth,
  type StoreWrite,
  type WriteResult,
} from '@perf/cache-core';
import {
  Lifecycle,
  PerfError,
  abortable,
  deadlineSignal,
  type Listenable,
  type Unsubscribe,
} from '@perf/core';
import { CallScope } from './ordering/call-scope.ts';
import { Entries } from './entries/entries.ts';
import { EntryWriter, type WriteProgress } from './entries/entry-writer.ts';
import { Evictor } from './maintenance/evictor.ts';
import { freeSpace, listFolder } from './disk/file-calls.ts';
import { moveAside } from './disk/folder.ts';
import type { FsStoreEvents, FsStoreStats } from './fs-store-events.ts';
import {
  resolveFsStoreOptions,
  type FsStoreOptions,
  type ResolvedFsStoreOptions,
} from './fs-store-options.ts';
import { KeyScan } from './entries/key-scan.ts';
import { entryName, isShard } from './disk/layout.ts';
import { createParts, type StoreParts } from './store-parts.ts';
import { Sweeper } from './maintenance/sweeper.ts';

/** How long `close` waits for operations under way, in milliseconds. */
const CLOSE_TIMEOUT = 5000;
const SHARDS_AT_ONCE = 16;

/** A {@link CacheStore} in plain files. */
export interface FsStore extends CacheStore, Listenable<FsStoreEvents>, AsyncDisposable {
  /** The folder as an absolute path. */
  readonly dir: string;
  /**
   * Goes over all files now: removes what has expired, what exceeds the bounds and what killed writers
   * left behind. Also happens by itself, see `sweepInterval`. Rejects when the folder cannot be read.
   */
  sweep(): Promise<void>;
  stats(): FsStoreStats;
}

/**
 * A store that keeps one file per entry, shared by the processes of one host. Nothing is opened
 * before the first call. Calls reject with `StoreUnavailableError` where the folder cannot be used,
 * and with `ClosedError` after `close()`.
 *
 * @example
 * const cache = createCache({ name: 'pages', stores: [fsStore({ dir: '~/.cache/pages' })] });
 *
 * @throws `ConfigError` naming the option that is wrong
 */
export function fsStore(options: FsStoreOptions): FsStore {
  return new FileStore(resolveFsStoreOptions(options));
}

class FileStore implements FsStore {
  readonly name: string;
  readonly dir: string;
  readonly capabilities: StoreCapabilities;
  readonly #parts: StoreParts;
  readonly #entries: Entries;
  readonly #writer: EntryWriter;
  readonly #evictor: Evictor;
  readonly #sweeper: Sweeper;
  readonly #scan: KeyScan;
  readonly #lifecycle: Lifecycle;

  constructor(options: ResolvedFsStoreOptions) {
    this.name = options.name;
    this.dir = options.dir;
    this.capabilities = {
      scope: 'host',
      persistent: true,
      conditional: false,
      scan: true,
      touch: true,
      blocking: false,
      maxValueBytes: options.maxValueBytes,
    };
    this.#lifecycle = new Lifecycle(`the store "${options.name}"`, () => this.#release());
    this.#parts = createParts(options);
    this.#entries = new Entries(this.#parts);
    this.#evictor = new Evictor(this.#parts);
    this.#writer = new EntryWriter(this.#parts, this.#entries, this.#evictor);
    this.#sweeper = new Sweeper(this.#parts, this.#entries, this.#evictor, this.#lifecycle.signal);
    this.#scan = new KeyScan(this.#parts, this.#entries);
  }

  getMany(keys: readonly string[], call: StoreCall): Promise<readonly (StoredEntry | undefined)[]> {
    return this.#run('getMany', call, (scope) =>
      Promise.all(
        keys.map((key) => {
          const name = entryName(key);
          return this.#parts.order.run(scope, name, false, () => this.#entries.get(name, key));
        }),
      ),
    );
  }

  setMany(entries: readonly StoreWrite[], call: StoreCall): Promise<readonly WriteResult[]> {
    const progress = entries.map((): WriteProgress => ({ phase: 'waiting' }));
    return this.#run(
      'setMany',
      call,
      (scope) =>
        Promise.all(entries.map((entry, index) => this.#set(entry, scope, progress[index]))),
      (reason) => resultsSoFar(progress, reason),
    );
  }

  async deleteMany(keys: readonly string[], call: StoreCall): Promise<number> {
    const deleted = await this.#run('deleteMany', call, (scope) =>
      Promise.all(
        keys.map((key) => {
          const name = entryName(key);
          return this.#parts.order.run(scope, name, true, () => this.#entries.delete(name));
        }),
      ),
    );
    return deleted.filter(Boolean).length;
  }

  async touchMany(keys: readonly string[], ttl: number, call: StoreCall): Promise<void> {
    await this.#run('touchMany', call, (scope) =>
      Promise.all(
        keys.map((key) => {
          const name = entryName(key);
          return this.#parts.order.run(scope, name, true, () =>
            this.#entries.touch(name, key, ttl, scope),
          );
        }),
      ),
    );
  }

  async *keys(prefix: string, call: StoreCall): AsyncIterable<readonly string[]> {
    const pages = this.#scan.pages(prefix);
    for (;;) {
      const page = await this.#run('keys', call, (scope) => pages.next(scope));
      if (page === undefined) return;
      // Also an empty one: whoever waits for a page has a deadline for each.
      yield page;
    }
  }

  clear(call: StoreCall): Promise<void> {
    return this.#run('clear', call, (scope) =>
      this.#parts.order.runAlone(scope, () => this.#clear(scope)),
    );
  }

  async health(call: StoreCall): Promise<StoreHealth> {
    try {
      this.#lifecycle.assertOpen();
      return await abortable(this.#health(), call.signal);
    } catch (error) {
      return { healthy: false, reason: error instanceof Error ? error.message : String(error) };
    }
  }

  /** One whole pass over the files; past the deadline it goes on in the background. */
  async clearExpired(call: StoreCall): Promise<number> {
    call.signal.throwIfAborted();
    const { counters } = this.#parts;
    const before = counters.expired;
    await abortable(this.sweep(), call.signal);
    return counters.expired - before;
  }

  async sweep(): Promise<void> {
    this.#lifecycle.assertOpen();
    try {
      await this.#sweeper.sweep();
    } catch (error) {
      throw this.#trouble('sweep', error);
    }
  }

  stats(): FsStoreStats {
    const { counters, index } = this.#parts;
    return { entries: index.entries, bytes: index.bytes, ...counters };
  }

  on<Event extends keyof FsStoreEvents>(
    event: Event,
    listener: (payload: FsStoreEvents[Event]) => void,
  ): Unsubscribe {
    return this.#parts.events.on(event, listener);
  }

  close(): Promise<void> {
    return this.#lifecycle.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** The work is queued before this returns, so that calls take effect in their order. */
  async #run<T>(
    operation: string,
    call: StoreCall,
    work: (scope: CallScope) => Promise<T>,
    onAbort?: (reason: Error) => T,
  ): Promise<T> {
    this.#lifecycle.assertOpen();
    call.signal.throwIfAborted();
    const scope = new CallScope(call.signal);
    try {
      const result = scope.until(work(scope), onAbort);
      this.#sweeper.start();
      return await result;
    } catch (error) {
      throw scope.aborted && error === scope.reason ? error : this.#trouble(operation, error);
    }
  }

  async #set(
    entry: StoreWrite,
    scope: CallScope,
    progress: WriteProgress = { phase: 'waiting' },
  ): Promise<WriteResult> {
    const name = entryName(entry.key);
    const result = await this.#parts.order.run(scope, name, true, () =>
      this.#writer.write(name, entry, scope, progress),
    );
    progress.phase = result;
    return result;
  }

  async #clear(scope: CallScope): Promise<void> {
    const { folder, index } = this.#parts;
    const root = await folder.open();
    const shards = (await listFolder(root)).filter(isShard);
    for (let from = 0; from < shards.length; from += SHARDS_AT_ONCE) {
      scope.check();
      const slice = shards.slice(from, from + SHARDS_AT_ONCE);
      await Promise.all(slice.map((shard) => moveAside(root, `${root}/${shard}`)));
    }
    index.clear();
    this.#sweeper.emptyTrash();
  }

  async #health(): Promise<StoreHealth> {
    const { folder, index } = this.#parts;
    const root = await folder.openWritable();
    if ((await freeSpace(root)) === 0) {
      return { healthy: false, reason: `no space left on the device of ${root}` };
    }
    if (!this.#sweeper.complete) return { healthy: true };
    return { healthy: true, entries: index.entries, bytes: index.bytes };
  }

  /** Operations under way end, but a disk that does not answer is not waited for. */
  async #release(): Promise<void> {
    this.#sweeper.stop();
    const { clock } = this.#parts.options;
    const deadline = deadlineSignal(clock, `closing the store "${this.name}"`, CLOSE_TIMEOUT);
    const scope = new CallScope(deadline.signal);
    try {
      await scope.until(this.#parts.order.runAlone(scope, () => Promise.resolve()));
      await abortable(this.#sweeper.settled, deadline.signal);
      await abortable(this.#evictor.settled, deadline.signal);
    } catch {
      // They end by themselves, and change nothing that a reader could take for whole.
    } finally {
      deadline.release();
    }
  }

  #trouble(operation: string, cause: unknown): Error {
    return cause instanceof PerfError
      ? cause
      : new StoreUnavailableError(this.name, operation, { cause });
  }
}

/** What is known when the deadline passes. Nothing begins to take effect after that. */
function resultsSoFar(progress: readonly WriteProgress[], reason: Error): WriteResult[] {
  if (progress.every(({ phase }) => phase === 'waiting')) throw reason;
  return progress.map(({ phase }) =>
    phase === 'stored' || phase === 'refused' ? phase : 'unknown',
  );
}
