import type { Outcome, TieredCache } from '@perf/cache-core';
import { GROUPS, groupOf, type KeyNames } from '../keys.ts';
import type { MemberOptions, WriteKind } from '../messages.ts';
import { now, type Notes } from './notes.ts';
import type { Truth, Versioned } from './truth-client.ts';

/** How much of what is read goes to how few keys: the higher, the fewer. */
const SKEW = 3;
const MANY = 6;

export interface WorkloadParts {
  readonly cache: TieredCache<Versioned>;
  readonly truth: Truth;
  readonly notes: Notes;
  readonly keys: KeyNames;
  readonly options: MemberOptions;
  readonly random: () => number;
}

/** Random operations of several workers at once; what they see goes into the notes. */
export class Workload {
  /** Whether there are writes among the operations. */
  writes = true;
  readonly #parts: WorkloadParts;
  readonly #own: readonly number[];
  /** The writes of keys that this process alone writes: one after the other. */
  readonly #lines = new Map<number, Promise<unknown>>();
  #stopped = false;
  #workers: Promise<unknown> = Promise.resolve();

  constructor(parts: WorkloadParts) {
    this.#parts = parts;
    const { keys, options } = parts;
    this.#own = Array.from({ length: keys.count }, (_, key) => key).filter(
      (key) => keys.setterOf(key) === options.slot,
    );
  }

  start(): void {
    const { workers, pause } = this.#parts.options.load;
    this.#workers = Promise.all(
      Array.from({ length: workers }, async () => {
        while (!this.#stopped) {
          await this.#bounded(() => this.#step());
          await wait(this.#parts.random() * pause);
        }
      }),
    );
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#workers;
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

  async getOrSet(key: number): Promise<void> {
    const { cache, keys } = this.#parts;
    const began = now();
    const value = await cache.getOrSet(keys.nameOf(key), () => this.#load(key), {
      tags: [keys.tagOf(key)],
    });
    this.#read(key, began, value);
  }

  async #getOrSetMany(some: readonly number[]): Promise<void> {
    const { cache, keys, notes } = this.#parts;
    const byName = new Map(some.map((key) => [keys.nameOf(key), key] as const));
    const began = now();
    // The tags of a call are those of all its keys: they share one.
    const values = await cache.getOrSetMany(
      [...byName.keys()],
      async (missing) =>
        new Map(
          await Promise.all(
            missing.map(async (name) => [name, await this.#load(byName.get(name) ?? 0)] as const),
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

  async #load(key: number): Promise<Versioned> {
    const { truth, random, options } = this.#parts;
    const version = await truth.read(key);
    // What takes its time after it has read the truth is what goes stale.
    const { loader, outliers } = options.load;
    const dice = outliers ? random() : 0;
    if (dice < 0.95) await wait(random() * loader);
    else if (dice < 0.995) await wait(random() * 30 * loader);
    else await wait(random() * 300 * loader);
    return { key, version };
  }

  #step(): Promise<void> {
    const { random, options, keys } = this.#parts;
    if (this.writes && random() < options.load.writes) return this.#write(this.#chooseWrite());
    const key = this.#chooseKey();
    const dice = random();
    if (dice < 0.7) return this.getOrSet(key);
    if (dice < 0.8) return this.get([key]);
    if (dice < 0.9) {
      return this.get([...new Set(Array.from({ length: MANY }, () => this.#chooseKey()))]);
    }
    const tag = keys.tagOf(key);
    const siblings = Array.from({ length: MANY }, (_, n) => (key + 40 * n) % keys.count);
    return this.#getOrSetMany([...new Set(siblings)].filter((other) => keys.tagOf(other) === tag));
  }

  async #write(kind: WriteKind): Promise<void> {
    const { cache, keys, notes, random, truth } = this.#parts;
    if (kind === 'set') return this.#writeOwn();
    const shared = this.#chooseShared();
    if (kind === 'delete') {
      const some = random() < 0.8 ? [shared] : [...new Set([shared, this.#chooseShared()])];
      const names = some.map((key) => keys.nameOf(key));
      return this.#invalidate(some, false, () => cache.deleteMany(names));
    }
    if (kind === 'writeThrough') {
      let committed: readonly number[] = [];
      await cache.writeThrough(
        keys.nameOf(shared),
        async () => {
          await wait(random() * 5);
          committed = await truth.bump([shared]);
          await wait(random() * 5);
          return { key: shared, version: committed[0] ?? 0 };
        },
        { tags: [keys.tagOf(shared)] },
      );
      return this.#told([shared], committed, false);
    }
    const tag = keys.tagOf(shared);
    const tagged = keys.sharedWhere((key) => keys.tagOf(key) === tag);
    if (kind === 'tags') {
      return this.#invalidate(tagged, false, () => cache.invalidateTags([tag]));
    }
    if (kind === 'softTags') {
      return this.#invalidate(tagged, true, () => cache.invalidateTags([tag], { keep: 'stale' }));
    }
    if (kind === 'pattern') {
      return this.#invalidate(tagged, false, () => cache.invalidatePattern(`${tag}:*`));
    }
    if (kind === 'where') {
      const group = Math.floor(random() * GROUPS);
      const grouped = keys.sharedWhere((key) => key % GROUPS === group);
      const versions = await truth.bump(grouped);
      await cache.invalidateWhere((name) => !name.startsWith('own') && groupOf(name) === group);
      // What others load at the moment, or alone have in memory, it does not find.
      return notes.obeyed(grouped, versions);
    }
    return this.#invalidate(
      keys.sharedWhere(() => true),
      false,
      () => cache.clear(),
    );
  }

  /** A key that only this process writes, in the order of its commits. */
  async #writeOwn(): Promise<void> {
    const { cache, keys, random, truth } = this.#parts;
    const key = this.#own[Math.floor(random() * this.#own.length)];
    if (key === undefined) return;
    const name = keys.nameOf(key);
    const turn = (this.#lines.get(key) ?? Promise.resolve()).then(async () => {
      const dice = random();
      if (dice < 0.5) await this.#invalidate([key], false, () => cache.delete(name));
      if (dice < 0.1) return undefined;
      // Time enough for others to begin to load what was deleted.
      if (dice < 0.5) await wait(random() * 50);
      const versions = await truth.bump([key]);
      const outcome = await cache.set(
        name,
        { key, version: versions[0] ?? 0 },
        { tags: [keys.tagOf(key)] },
      );
      return this.#told([key], versions, false, outcome);
    });
    this.#lines.set(key, turn);
    await turn;
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

  async #bounded(operation: () => Promise<void>): Promise<void> {
    const { notes } = this.#parts;
    const began = now();
    try {
      await operation();
    } catch (error) {
      notes.failures.push(`a caller was told: ${String(error)}`);
    }
    notes.operations++;
    notes.longest = Math.max(notes.longest, now() - began);
  }

  #chooseKey(): number {
    const { keys, random } = this.#parts;
    return Math.floor(keys.count * random() ** SKEW);
  }

  #chooseShared(): number {
    const { keys } = this.#parts;
    for (;;) {
      const key = this.#chooseKey();
      if (keys.setterOf(key) === undefined) return key;
    }
  }

  #chooseWrite(): WriteKind {
    const { options, random } = this.#parts;
    const mix = Object.entries(options.load.mix) as [WriteKind, number][];
    let left = random() * mix.reduce((sum, [, weight]) => sum + weight, 0);
    for (const [kind, weight] of mix) {
      left -= weight;
      if (left <= 0) return kind;
    }
    return 'delete';
  }
}

function wait(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
}
