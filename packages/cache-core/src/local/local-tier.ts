import type { Clock } from '@perf/core';
import type { MemoryCache } from '../memory/memory-cache.ts';
import type { Ledger } from '../invalidation/ledger.ts';
import { setTouchAt } from './attention.ts';
import type { LocalEntry } from './local-entry.ts';

/**
 * What may be done with an entry: served as fresh, served while it is loaded anew, or served only
 * because that load fails.
 */
export type EntryState = 'hit' | 'stale' | 'spare';

/** An entry that is kept, with what may be done with it. */
export interface LocalHit<V> {
  readonly entry: LocalEntry<V>;
  readonly state: EntryState;
}

/** What the memory tier needs to know beside its entries. */
export interface LocalTierOptions<V> {
  readonly memory: MemoryCache<string, LocalEntry<V>> | undefined;
  readonly ledger: Ledger;
  readonly clock: Clock;
  /** How long memory serves while the shared store is out of reach, in milliseconds. */
  readonly isolatedServe: number;
  /** How long an entry is served stale once it is no longer fresh, in milliseconds. */
  readonly serveStale: number;
  /** How long such an entry is kept for failing loads, in milliseconds. */
  readonly keepSpare: number;
  /** How long an entry is kept without being read, in milliseconds. */
  readonly slidingTtl: number;
  /** Has the stores keep an entry that is read, for `left` milliseconds at most; absent where none can. */
  readonly touch: ((key: string, left: number) => void) | undefined;
  /** Told when memory cannot take an entry, such as a `weigh` function that throws. */
  readonly onError: (key: string, error: unknown) => void;
}

/** The memory tier: entries by reference, each served only while it is proved to be current. */
export class LocalTier<V> {
  #memory: MemoryCache<string, LocalEntry<V>> | undefined;
  readonly #ledger: Ledger;
  readonly #clock: Clock;
  readonly #isolatedServe: number;
  readonly #serveStale: number;
  readonly #keepSpare: number;
  readonly #slidingTtl: number;
  readonly #touch: ((key: string, left: number) => void) | undefined;
  readonly #onError: (key: string, error: unknown) => void;

  constructor(options: LocalTierOptions<V>) {
    this.#memory = options.memory;
    this.#ledger = options.ledger;
    this.#clock = options.clock;
    this.#isolatedServe = options.isolatedServe;
    this.#serveStale = options.serveStale;
    this.#keepSpare = options.keepSpare;
    this.#slidingTtl = options.slidingTtl;
    this.#touch = options.touch;
    this.#onError = options.onError;
  }

  /**
   * The entry if it is fresh, known to be current without asking anybody, and nothing else is to be done
   * about it: the hot path.
   */
  fresh(key: string): LocalEntry<V> | undefined {
    const entry = this.#memory?.get(key);
    if (entry === undefined) return undefined;
    const ledger = this.#ledger;
    const now = this.#clock.coarse();
    if (now >= entry.attention || !this.#isCurrent(entry, now, ledger.isolated)) return undefined;
    if (entry.judged !== ledger.replica.version && !this.#judgedValid(key, entry)) return undefined;
    ledger.refreshAhead(now);
    return entry;
  }

  /** As {@link fresh}, of an entry about which something is to be done. */
  due(key: string): LocalEntry<V> | undefined {
    const entry = this.#memory?.peek(key);
    if (entry === undefined) return undefined;
    const found = this.inspect(key, entry, this.#ledger.isolated);
    if (typeof found !== 'object' || found.state !== 'hit') return undefined;
    this.read(key, entry);
    return entry;
  }

  /**
   * The entry if it may be served, stale and spare ones included; `unproved` when that depends on what a
   * store says.
   * @param outOfReach whether the shared ledger is known not to answer
   */
  lookup(
    key: string,
    outOfReach: boolean = this.#ledger.isolated,
  ): LocalHit<V> | 'unproved' | undefined {
    // Not `peek`: being read counts for the policy.
    const entry = this.#memory?.get(key);
    if (entry === undefined) return undefined;
    const found = this.inspect(key, entry, outOfReach);
    if (found !== 'dead') {
      if (typeof found === 'object' && found.state !== 'spare') this.read(key, entry);
      return found;
    }
    this.#memory?.delete(key);
    return undefined;
  }

  /** Whether an entry that is unproved can be proved by the ledger alone, without a store that has it. */
  isProvable(key: string): boolean {
    return this.#ledger.canProve && this.#memory?.peek(key)?.epoch === this.#ledger.epoch;
  }

  /** What {@link lookup} makes of an entry. Changes nothing. */
  inspect(
    key: string,
    entry: LocalEntry<V>,
    outOfReach: boolean,
  ): LocalHit<V> | 'unproved' | 'dead' | undefined {
    const now = this.#clock.now();
    const state = this.stateOf(key, entry, now);
    if (state === undefined) return 'dead';
    if (this.#isCurrent(entry, now, outOfReach)) return { entry, state };
    return outOfReach ? undefined : 'unproved';
  }

  /** How an entry may be served by its times and by what is known of invalidations. */
  stateOf(key: string, entry: Omit<LocalEntry<V>, 'value'>, now: number): EntryState | undefined {
    const verdict = this.#ledger.replica.judge(key, entry, entry.born);
    if (verdict === 'dead' || now >= entry.staleUntil) return undefined;
    const expired = now - entry.freshUntil;
    if (verdict === 'valid') {
      if (expired < 0) return 'hit';
      return expired < this.#serveStale ? 'stale' : 'spare';
    }
    const softened = this.#softenedFor(entry);
    const stale = Math.max(softened, expired);
    if (stale < this.#serveStale) return 'stale';
    return softened < this.#keepSpare ? 'spare' : undefined;
  }

  /** Whether what is known of invalidations lets an entry be served, whatever its times say. */
  isObeying(key: string, entry: Omit<LocalEntry<V>, 'value'>): boolean {
    const verdict = this.#ledger.replica.judge(key, entry, entry.born);
    if (verdict === 'soft') return this.#softenedFor(entry) < this.#serveStale;
    return verdict === 'valid';
  }

  /** An entry was read, from whatever tier: the stores are to keep it for longer where that is due. */
  read(key: string, entry: LocalEntry<V>): void {
    if (entry.touchAt === Infinity) return;
    const now = this.#clock.now();
    if (now < entry.touchAt) return;
    this.#touch?.(key, entry.staleUntil - now);
    setTouchAt(entry, this.touchDue(now, entry.staleUntil));
  }

  /**
   * When a read of an entry has to tell the stores, which keep it for `idleFor` milliseconds from now:
   * once half of `slidingTtl` is over; `Infinity` when they keep it as long as it may live anyway.
   */
  touchDue(now: number, staleUntil: number, idleFor: number = this.#slidingTtl): number {
    if (this.#touch === undefined || staleUntil - now <= idleFor) return Infinity;
    return now + Math.max(0, idleFor - this.#slidingTtl / 2);
  }

  peek(key: string): LocalEntry<V> | undefined {
    return this.#memory?.peek(key);
  }

  /** Keeps the entry if memory can take it. Never throws: the key is absent then. */
  put(key: string, entry: LocalEntry<V>): void {
    if (this.#memory === undefined) return;
    const left = entry.staleUntil - this.#clock.now();
    try {
      if (left <= 0) this.#memory.delete(key);
      else this.#memory.set(key, entry, { ttl: left === Infinity ? left : Math.ceil(left) });
    } catch (error) {
      this.#onError(key, error);
    }
  }

  /** The entry has been found unchanged in a store whose read began at `verified`. */
  renew(entry: LocalEntry<V>, epoch: number, verified: number): void {
    entry.epoch = epoch;
    entry.verified = verified;
  }

  drop(key: string): void {
    this.#memory?.delete(key);
  }

  clear(): void {
    this.#memory?.clear('all');
  }

  /** From now on there is nothing in it and it takes nothing. */
  close(): void {
    this.#memory = undefined;
  }

  *keys(): IterableIterator<string> {
    if (this.#memory !== undefined) yield* this.#memory.keys();
  }

  /** Whether nothing can have been missed, or the store that would tell is out of reach for now. */
  #isCurrent(entry: LocalEntry<V>, now: number, outOfReach: boolean): boolean {
    const { epoch, lastLive, liveEpoch, liveUntil } = this.#ledger;
    if (entry.epoch === epoch && now <= liveUntil) return true;
    if (!outOfReach) return false;
    // What came before an earlier gap was missed for good: the last contact proves nothing for an older entry.
    const isOfThen = entry.epoch === liveEpoch;
    const contact = isOfThen ? Math.max(lastLive, entry.verified) : entry.verified;
    return now - contact <= this.#isolatedServe;
  }

  /** How long ago it was softly invalidated, in milliseconds. */
  #softenedFor(entry: Omit<LocalEntry<V>, 'value'>): number {
    // The number is of the store's clock, and finer than ours: it may be ahead.
    return Math.max(0, this.#clock.epoch() - this.#ledger.replica.softSeq(entry) / 1000);
  }

  #judgedValid(key: string, entry: LocalEntry<V>): boolean {
    const { replica } = this.#ledger;
    if (replica.judge(key, entry, entry.born) !== 'valid') return false;
    entry.judged = replica.version;
    return true;
  }
}
