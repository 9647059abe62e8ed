import { hashKey } from '../../eviction/key-hash.ts';
import type { Budget } from './budget.ts';
import type { CacheState } from '../cache-state.ts';
import type { MemoryCache } from '../memory-cache.ts';
import { wantedShards } from './shard-count.ts';
import type { Shard } from './shard.ts';

/** How many entries, at the most, each operation moves while the number of shards changes. */
const MOVES = 16;
/** How many values the part of a hash has that decides on the shard. */
export const POSITIONS = 65_536;

/** A shard, as a cache by itself. */
export interface Part<Key, Value> {
  readonly cache: MemoryCache<Key, Value>;
  readonly shard: Shard<Key, Value>;
}

/** How many shards there should be where there are `count`. */
export type ShardCounting = (count: number, budget: Readonly<Budget>) => number;

/** So many shards, each for an equal stretch of positions, made when their first entry comes. */
class Generation<Key, Value> {
  readonly count: number;
  readonly parts: (Part<Key, Value> | undefined)[];

  constructor(count: number) {
    this.count = count;
    this.parts = Array.from<undefined>({ length: count }).fill(undefined);
  }

  numberOf(position: number): number {
    return (position * this.count) >>> 16;
  }

  at(position: number): Part<Key, Value> | undefined {
    return this.parts[this.numberOf(position)];
  }

  startOf(position: number): number {
    return Math.ceil((this.numberOf(position) * POSITIONS) / this.count);
  }

  /** The first position of the next shard. */
  endOf(position: number): number {
    return Math.ceil(((this.numberOf(position) + 1) * POSITIONS) / this.count);
  }
}

/**
 * Which key is in which shard, by the hashes of the keys. When there should be more or fewer shards, new
 * ones are made, and the entries of the old ones move over a few at a time: linear in what moves, but no
 * operation waits for more than {@link MOVES}. Until then a key is looked for in both.
 *
 * Objects and functions have no hash: as keys, they all go to one shard.
 */
export class ShardMap<Key, Value> {
  readonly #state: CacheState<Key, Value>;
  readonly #create: () => MemoryCache<Key, Value>;
  readonly #counting: ShardCounting;
  readonly #seed: number;
  #current: Generation<Key, Value>;
  /** The one that entries are moving out of, and its shard that is the next to be empty. */
  #old: Generation<Key, Value> | undefined;
  #emptying = 0;

  /**
   * @param create makes a cache for one shard, and adds the shard to the state
   * @param counting how many shards there should be, where there are so many
   */
  constructor(
    state: CacheState<Key, Value>,
    create: () => MemoryCache<Key, Value>,
    counting: ShardCounting = wantedShards,
  ) {
    this.#state = state;
    this.#create = create;
    this.#counting = counting;
    this.#seed = ~state.settings.seed;
    this.#current = new Generation(state.shares.count);
  }

  /** Moves the entries of a cache that has been used by itself so far to shards. */
  absorb(part: Part<Key, Value>): void {
    const alone = new Generation<Key, Value>(1);
    alone.parts[0] = part;
    this.#spread(alone);
  }

  /** The cache that has the key or, if none has, would get it; `undefined` if it is not made yet. */
  find(key: Key): MemoryCache<Key, Value> | undefined {
    this.#state.assertIdle();
    const current = this.#current;
    if (this.#old === undefined && current.count === 1) return current.parts[0]?.cache;
    const position = this.#positionOf(key);
    return (this.#oldPart(key, position) ?? current.at(position))?.cache;
  }

  /** As {@link find}, made if need be. */
  place(key: Key): MemoryCache<Key, Value> {
    this.#state.assertIdle();
    if (this.#old === undefined && this.#current.count === 1) return this.#made(0).cache;
    const position = this.#positionOf(key);
    return (this.#oldPart(key, position) ?? this.#made(position)).cache;
  }

  /** Between two operations: sees whether there should be other shards, and moves a few entries on. */
  advance(): void {
    const state = this.#state;
    if (state.walking || state.closed) return;
    if (this.#old === undefined) {
      const { count } = this.#current;
      const wanted = this.#counting(count, state.budget);
      if (wanted === count) return;
      const old = this.#current;
      state.shares.count = wanted;
      this.#current = new Generation(wanted);
      this.#spread(old);
    }
    state.still(this.#move);
  }

  /** The keys of a stretch of positions, oldest first, and where the next begins. */
  stretch(from: number): { readonly keys: readonly Key[]; readonly end: number } {
    const generations = this.#old === undefined ? [this.#current] : [this.#old, this.#current];
    const end = Math.max(...generations.map((one) => one.endOf(from)));
    const keys: Key[] = [];
    for (const generation of generations) {
      for (let at = from; at < end; at = generation.endOf(at)) {
        const whole = generation.startOf(at) >= from && generation.endOf(at) <= end;
        for (const key of generation.at(at)?.shard.table.index.keys() ?? []) {
          if (whole || this.#isWithin(key, from, end)) keys.push(key);
        }
      }
    }
    return { keys, end };
  }

  /** The shard that holds the key. */
  holding(key: Key): Shard<Key, Value> | undefined {
    const position = this.#positionOf(key);
    return (this.#oldPart(key, position) ?? this.#current.at(position))?.shard;
  }

  #isWithin(key: Key, from: number, end: number): boolean {
    const position = this.#positionOf(key);
    return position >= from && position < end;
  }

  #positionOf(key: Key): number {
    return (hashKey(key, this.#seed) ?? 0) >>> 16;
  }

  #oldPart(key: Key, position: number): Part<Key, Value> | undefined {
    const part = this.#old?.at(position);
    return part?.shard.table.index.has(key) === true ? part : undefined;
  }

  #made(position: number): Part<Key, Value> {
    const { parts } = this.#current;
    const number = this.#current.numberOf(position);
    const known = parts[number];
    if (known !== undefined) return known;
    this.#state.assertOpen();
    const cache = this.#state.still(this.#create);
    const part = { cache, shard: this.#state.shards.at(-1) as Shard<Key, Value> };
    parts[number] = part;
    return part;
  }

  #spread(old: Generation<Key, Value>): void {
    for (const part of old.parts) part?.shard.leave();
    this.#old = old;
    this.#emptying = 0;
  }

  readonly #target = (key: Key): Shard<Key, Value> => this.#made(this.#positionOf(key)).shard;

  readonly #move = (): void => {
    const old = this.#old as Generation<Key, Value>;
    for (let left = MOVES; left > 0; left--) {
      let shard = old.parts[this.#emptying]?.shard;
      while (shard === undefined || shard.table.index.size === 0) {
        if (shard !== undefined) this.#retire(shard);
        if (++this.#emptying >= old.count) {
          this.#old = undefined;
          return;
        }
        shard = old.parts[this.#emptying]?.shard;
      }
      shard.moveOne(this.#target);
    }
  };

  #retire(shard: Shard<Key, Value>): void {
    const { shards } = this.#state;
    shard.settle();
    shards.splice(shards.indexOf(shard), 1);
  }
}
