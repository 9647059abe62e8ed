import { ClosedError, sleep, type Timer } from '@perf/core';
import { CallScope } from '../ordering/call-scope.ts';
import type { Entries } from '../entries/entries.ts';
import { fileBytes } from '../entries/entry-format.ts';
import type { Evictor } from './evictor.ts';
import { listFolder, lstat, unless, unlink } from '../disk/file-calls.ts';
import { removeTree } from '../disk/folder.ts';
import { SHARDS, entryNames, entryPath, isShard, isTrash, temporaryAge } from '../disk/layout.ts';
import type { StoreParts } from '../store-parts.ts';

/** A write that takes longer, in milliseconds, is taken for one whose process was killed. */
const ABANDONED_AFTER = 600_000;
/** The pause after each slice of a pass in the background, in milliseconds. */
const PAUSE = 5;
/** How many entries are looked at side by side. */
const AT_ONCE = 4;

/**
 * Goes over all files: learns what other processes have stored, removes what has expired, what exceeds
 * the bounds and what killed writers left behind.
 */
export class Sweeper {
  readonly #parts: StoreParts;
  readonly #entries: Entries;
  readonly #evictor: Evictor;
  readonly #signal: AbortSignal;
  #started = false;
  #timer: Timer | undefined;
  #pass: Promise<void> = Promise.resolve();
  /** Ends the pauses of the pass under way. */
  #hurry = new AbortController();
  #emptying: Promise<void> = Promise.resolve();
  #complete = false;

  /** @param signal aborts, with a {@link ClosedError}, when the store is closed */
  constructor(parts: StoreParts, entries: Entries, evictor: Evictor, signal: AbortSignal) {
    this.#parts = parts;
    this.#entries = entries;
    this.#evictor = evictor;
    this.#signal = signal;
  }

  /** Whether every file has been looked at once. */
  get complete(): boolean {
    return this.#complete;
  }

  /** What still runs in the background. Never rejects. */
  get settled(): Promise<unknown> {
    return Promise.all([this.#pass, this.#emptying]);
  }

  /** Begins the first pass in the background; later calls have no effect. */
  start(): void {
    if (this.#started) return;
    this.#started = true;
    void this.#inBackground();
  }

  /** One whole pass without pauses. Rejects when the folder cannot be read. */
  sweep(): Promise<void> {
    this.#hurry.abort();
    const pass = this.#pass.then(() => this.#run(false));
    this.#pass = pass.catch(() => undefined);
    return pass;
  }

  /** Deletes in the background what was cleared. */
  emptyTrash(): void {
    this.#emptying = this.#emptying
      .then(async () => this.#removeTrash(await this.#parts.folder.open(), true))
      .catch((cause: unknown) => {
        this.#report('empty trash', cause);
      });
  }

  /** No pass begins any more, and the one under way ends early. */
  stop(): void {
    this.#started = true;
    this.#timer?.cancel();
    this.#hurry.abort();
  }

  #inBackground(): Promise<void> {
    this.#timer = undefined;
    this.#pass = this.#pass
      .then(() => this.#run(true))
      .catch((cause: unknown) => {
        this.#report('sweep', cause);
      })
      .then(() => {
        const { clock, sweepInterval } = this.#parts.options;
        if (sweepInterval === Infinity || this.#signal.aborted) return;
        this.#timer = clock.setTimer(() => void this.#inBackground(), sweepInterval);
      });
    return this.#pass;
  }

  async #run(pausing: boolean): Promise<void> {
    const { folder, index, options } = this.#parts;
    this.#hurry = new AbortController();
    const root = await folder.open();
    const since = index.change;
    const present = new Set((await listFolder(root)).filter(isShard));
    for (const shard of SHARDS) {
      this.#signal.throwIfAborted();
      if (!present.has(shard)) {
        index.reconcile(shard, new Set(), since);
        continue;
      }
      await this.#sweepShard(root, shard);
      // A folder far beyond the bounds must not fill the memory first.
      const slack = -Math.max(1000, options.maxEntries / 4);
      if (index.exceeded(slack, -options.maxBytes / 4)) await this.#trim();
      if (pausing) await this.#pause();
    }
    index.settle();
    this.#complete = true;
    await this.#trim();
    await this.#removeAbandoned(root);
    await this.#removeTrash(root, pausing);
  }

  async #sweepShard(root: string, shard: string): Promise<void> {
    const { index, options } = this.#parts;
    if ((await this.#entries.shard(root, shard.slice(-2))) !== 'folder') {
      index.reconcile(shard, new Set(), index.change);
      return;
    }
    const since = index.change;
    const files = await unless(listFolder(`${root}/${shard}`), [], 'ENOENT');
    const names = entryNames(shard, files);
    await this.#each(names, false, (name) => this.#learn(root, name));
    index.reconcile(shard, new Set(names), since);
    const expired = index.expired(shard, options.clock.epoch());
    await this.#each(expired, true, (name) => this.#expire(root, name));
  }

  /** Runs the work for each name at its turn among the operations on that name. */
  async #each(
    names: readonly string[],
    exclusive: boolean,
    work: (name: string) => Promise<void>,
  ): Promise<void> {
    const scope = new CallScope(this.#signal);
    try {
      for (let from = 0; from < names.length; from += AT_ONCE) {
        scope.check();
        const slice = names.slice(from, from + AT_ONCE);
        await Promise.all(
          slice.map((name) => this.#parts.order.run(scope, name, exclusive, () => work(name))),
        );
      }
    } finally {
      scope.release();
    }
  }

  async #learn(root: string, name: string): Promise<void> {
    const { index, options } = this.#parts;
    const now = options.clock.epoch();
    const known = index.get(name);
    if (known !== undefined) {
      const stats = await unless(lstat(entryPath(root, name)), undefined, 'ENOENT', 'ENOTDIR');
      if (stats !== undefined && stats.isFile() && stats.size === known.bytes) {
        // Times in the future would keep an entry for ever.
        known.marked = Math.max(known.marked, Math.min(stats.mtimeMs, now));
        known.used = Math.max(known.used, known.marked);
        return;
      }
    }
    const found = await this.#entries.head(name);
    if (found === undefined) {
      index.delete(name);
      return;
    }
    const marked = Math.min(found.marked, now);
    const used = Math.max(known?.used ?? 0, marked);
    index.put(name, { bytes: fileBytes(found.head), used, marked, until: found.head.until });
  }

  async #expire(root: string, name: string): Promise<void> {
    const { counters, index, options } = this.#parts;
    const known = index.get(name);
    const found = await this.#entries.head(name);
    if (found === undefined || known === undefined) {
      index.delete(name);
    } else if (found.head.until > options.clock.epoch()) {
      known.until = found.head.until;
    } else {
      // Another process may have stored anew in this instant: losing it costs one more load, while
      // anything that brings it back could bring back what was deleted meanwhile.
      await unless(unlink(entryPath(root, name)), undefined, 'ENOENT');
      index.delete(name);
      counters.expired++;
    }
  }

  async #trim(): Promise<void> {
    this.#evictor.trim();
    await this.#evictor.settled;
  }

  async #removeAbandoned(root: string): Promise<void> {
    const { counters, options } = this.#parts;
    const now = options.clock.epoch();
    for (const file of await listFolder(root)) {
      const age = temporaryAge(file, now);
      // Also one from the future: the clock was set back.
      if (age === undefined || Math.abs(age) < ABANDONED_AFTER) continue;
      await unless(unlink(`${root}/${file}`), undefined, 'ENOENT', 'EISDIR', 'EPERM');
      counters.abandoned++;
    }
  }

  async #removeTrash(root: string, pausing: boolean): Promise<void> {
    for (const file of await listFolder(root)) {
      if (!isTrash(file)) continue;
      await removeTree(`${root}/${file}`, async () => {
        this.#signal.throwIfAborted();
        if (pausing) await this.#pause();
      });
    }
  }

  async #pause(): Promise<void> {
    this.#signal.throwIfAborted();
    if (this.#hurry.signal.aborted) return;
    // Rejects only when it is cut short.
    await sleep(this.#parts.options.clock, PAUSE, this.#hurry.signal, {
      keepAlive: false,
    }).catch(() => undefined);
    this.#signal.throwIfAborted();
  }

  #report(operation: 'sweep' | 'empty trash', cause: unknown): void {
    if (cause instanceof ClosedError) return;
    this.#parts.events.emit('error', { operation, cause });
  }
}
