import type { Outcome, TieredCache } from '@perf/cache-core';
import { GROUPS, groupOf, type KeyNames } from '../keys.ts';
import { now, type Notes } from './notes.ts';
import type { Truth, Versioned } from './truth-client.ts';

/** What a member works with. */
export interface OperationParts {
  readonly cache: TieredCache<Versioned>;
  readonly truth: Truth;
  readonly notes: Notes;
  readonly keys: KeyNames;
}

/** Resolves when what has read or is about to write the truth may go on. */
export type Hold = () => Promise<unknown>;

/** The reads and writes of a member, each of which goes into its notes. */
export class Operations {
  readonly #parts: OperationParts;

  constructor(parts: OperationParts) {
    this.#parts = parts;
  }

  /** What the cache has; a miss is no read. */
  async get(some: readonly number[]): Promise<void> {
    const { cache, keys, notes } = this.#parts;
    const began = now();
    const [first = 0] = some;
    if (some.length === 1) {
      const value = await cache.get(keys.nameOf(first));
      if (value !== undefined) this.#read(first, began, value);
      return;
    }
    const names = some.map((key) => keys.nameOf(key));
    const values = await cache.getMany(names);
    for (const [index, key] of some.entries()) {
      const value = values.get(names[index] ?? '');
      if (value !== undefined) this.#read(key, began, value);
    }
    notes.operations += some.length - 1;
  }

  /** @param hold before a loader that has read the truth returns */
  async load(key: number, hold: Hold): Promise<void> {
    const { cache, keys } = this.#parts;
    const began = now();
    const value = await cache.getOrSet(keys.nameOf(key), () => this.#load(key, hold), {
      tags: [keys.tagOf(key)],
    });
    this.#read(key, began, value);
  }

  /** @param some keys that share a tag: the tags of a call are those of all its keys */
  async loadMany(some: readonly number[], hold: Hold): Promise<void> {
    const { cache, keys, notes } = this.#parts;
    const byName = new Map(some.map((key) => [keys.nameOf(key), key] as const));
    const began = now();
    const values = await cache.getOrSetMany(
      [...byName.keys()],
      async (missing) =>
        new Map(
          await Promise.all(
            missing.map(
              async (name) => [name, await this.#load(byName.get(name) ?? 0, hold)] as const,
            ),
          ),
        ),
      { tags: [keys.tagOf(some[0] ?? 0)] },
    );
    for (const [name, key] of byName) {
      const value = values.get(name);
      if (value !== undefined) this.#read(key, began, value);
    }
    notes.operations += byName.size - 1;
  }

  delete(some: readonly number[]): Promise<void> {
    const { cache, keys } = this.#parts;
    const names = some.map((key) => keys.nameOf(key));
    return this.#invalidate(some, false, () => cache.deleteMany(names));
  }

  /** @param key one that only this process writes, in the order of its commits */
  async set(key: number): Promise<void> {
    const { cache, keys, truth } = this.#parts;
    const versions = await truth.bump([key]);
    const outcome = await cache.set(
      keys.nameOf(key),
      { key, version: versions[0] ?? 0 },
      { tags: [keys.tagOf(key)] },
    );
    this.#told([key], versions, false, outcome);
  }

  async writeThrough(key: number, beforeCommit: Hold, afterCommit: Hold): Promise<void> {
    const { cache, keys, truth } = this.#parts;
    let committed: readonly number[] = [];
    await cache.writeThrough(
      keys.nameOf(key),
      async () => {
        await beforeCommit();
        committed = await truth.bump([key]);
        await afterCommit();
        return { key, version: committed[0] ?? 0 };
      },
      { tags: [keys.tagOf(key)] },
    );
    this.#told([key], committed, false);
  }

  /** @param soft whether what has the tag may be served stale for a while */
  invalidateTag(tag: string, soft: boolean): Promise<void> {
    const { cache } = this.#parts;
    return this.#invalidate(this.#tagged(tag), soft, () =>
      cache.invalidateTags([tag], soft ? { keep: 'stale' } : {}),
    );
  }

  /** Everything that has the tag, by how its name begins. */
  invalidatePattern(tag: string): Promise<void> {
    const { cache } = this.#parts;
    return this.#invalidate(this.#tagged(tag), false, () => cache.invalidatePattern(`${tag}:*`));
  }

  /** @param dice from 0 to 1: which group of keys */
  async invalidateWhere(dice: number): Promise<void> {
    const { cache, keys, truth } = this.#parts;
    const group = Math.floor(dice * GROUPS);
    const grouped = keys.sharedWhere((key) => key % GROUPS === group);
    const versions = await truth.bump(grouped);
    // What this process has in memory is surely found; of the rest it does not find what others load at the moment, and store then.
    const found = [...grouped.entries()].filter(
      ([, key]) => cache.getLocal(keys.nameOf(key)) !== undefined,
    );
    const outcome = await cache.invalidateWhere(
      (name) => !name.startsWith('own') && groupOf(name) === group,
    );
    this.#told(
      found.map(([, key]) => key),
      found.map(([index]) => versions[index] ?? 0),
      false,
      outcome,
    );
  }

  clear(): Promise<void> {
    const { cache, keys } = this.#parts;
    const all = keys.sharedWhere(() => true);
    return this.#invalidate(all, false, () => cache.clear());
  }

  #tagged(tag: string): readonly number[] {
    const { keys } = this.#parts;
    return keys.sharedWhere((key) => keys.tagOf(key) === tag);
  }

  async #load(key: number, hold: Hold): Promise<Versioned> {
    const version = await this.#parts.truth.read(key);
    // What takes its time after it has read the truth is what goes stale.
    await hold();
    return { key, version };
  }

  async #invalidate(
    keys: readonly number[],
    soft: boolean,
    invalidate: () => Promise<Outcome>,
  ): Promise<void> {
    const versions = await this.#parts.truth.bump(keys);
    this.#told(keys, versions, soft, await invalidate());
  }

  /** @param outcome of a write that has none, it is told by whether anything is pending */
  #told(
    keys: readonly number[],
    versions: readonly number[],
    soft: boolean,
    outcome?: Outcome,
  ): void {
    const { cache, notes } = this.#parts;
    const told =
      outcome === undefined
        ? cache.stats().tiers.at(-1)?.pending === 0
        : outcome.stores === 'applied' && outcome.bus !== 'queued';
    notes.invalidated(keys, versions, soft, told);
  }

  #read(key: number, began: number, value: Versioned): void {
    const { notes } = this.#parts;
    if (value.key === key) notes.read(key, began, value.version);
    else notes.failures.push(`key ${key} had the value of key ${value.key}`);
  }
}
