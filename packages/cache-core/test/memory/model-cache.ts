import type { MemoryCachePolicy } from '../../src/memory/memory-cache-options.ts';
import type { RemovalReason } from '../../src/memory/memory-cache.ts';
import { modelPolicy } from './model-policies.ts';
import type { ModelItem, ModelPolicy, ModelShare } from './model-policy.ts';

export interface ModelOptions {
  readonly policy: MemoryCachePolicy;
  readonly maxEntries: number;
  readonly maxBytes: number;
  readonly ttl: number;
  readonly slidingTtl: number;
}

interface Terms {
  value: number;
  due: number;
  period: number;
  limit: number;
}

interface ModelEntry extends ModelItem, Terms {
  due: number;
  weight: number;
}

/** What `set` came to. */
export type ModelSet = 'stored' | 'refused' | 'full';

/** A memory cache made of a plain Map and linear searches, to compare the real one with. */
export class ModelCache {
  readonly entries = new Map<number, ModelEntry>();
  readonly removed: [number, number, RemovalReason][] = [];
  readonly counts = {
    hits: 0,
    misses: 0,
    inserts: 0,
    updates: 0,
    refused: 0,
    deletes: 0,
    evictions: 0,
    expirations: 0,
    cleared: 0,
  };
  maxEntries: number;
  maxBytes: number;
  now = 0;
  readonly #options: ModelOptions;
  #policy: ModelPolicy<ModelEntry>;
  /** Places that are free again, the last first. */
  #vacant: number[] = [];
  #places = 0;
  /** How many entries `maxBytes` has room for, as far as was seen. */
  #fitting = Infinity;
  /** What they weigh together. */
  #fittingBytes = Infinity;

  constructor(options: ModelOptions) {
    this.#options = options;
    this.maxEntries = options.maxEntries;
    this.maxBytes = options.maxBytes;
    this.#policy = this.#emptyPolicy();
  }

  get bytes(): number {
    return [...this.entries.values()].reduce((sum, entry) => sum + entry.weight, 0);
  }

  live(): [number, number][] {
    return [...this.entries.values()]
      .filter((entry) => !this.#isOver(entry))
      .map(({ key, value }) => [key, value]);
  }

  get(key: number): number | undefined {
    const entry = this.entries.get(key);
    if (entry !== undefined && this.#isOver(entry)) this.#drop(entry, 'expired');
    if (entry === undefined || this.#isOver(entry)) {
      this.counts.misses++;
      return undefined;
    }
    if (entry.period !== Infinity) entry.due = Math.min(this.now + entry.period, entry.limit);
    this.counts.hits++;
    this.#policy.use(entry);
    return entry.value;
  }

  peek(key: number): number | undefined {
    const entry = this.entries.get(key);
    return entry === undefined || this.#isOver(entry) ? undefined : entry.value;
  }

  set(key: number, value: number, weight: number, ttl?: number, slidingTtl?: number): ModelSet {
    const found = this.entries.get(key);
    if (weight > this.maxBytes) {
      this.#refuse(found);
      return 'refused';
    }
    if (found !== undefined && this.#isOver(found)) this.#drop(found, 'expired');
    const entry = this.entries.get(key);
    const period = slidingTtl ?? this.#options.slidingTtl;
    const limit = this.now + (ttl ?? this.#options.ttl);
    const terms = { value, period, limit, due: Math.min(limit, this.now + period) };
    if (entry === undefined) return this.#insert(key, weight, terms);
    if (!this.#reweigh(entry, weight)) return 'full';
    if (value !== entry.value) this.removed.push([key, entry.value, 'replaced']);
    Object.assign(entry, terms);
    this.counts.updates++;
    this.#policy.use(entry);
    return 'stored';
  }

  delete(key: number): boolean {
    const entry = this.entries.get(key);
    if (entry === undefined) return false;
    const live = !this.#isOver(entry);
    this.#drop(entry, live ? 'deleted' : 'expired');
    return live;
  }

  clear(which: 'all' | 'expired'): number {
    const gone = [...this.entries.values()].filter((one) => which === 'all' || this.#isOver(one));
    gone.sort((a, b) => a.place - b.place);
    for (const entry of gone) this.#drop(entry, which === 'all' ? 'cleared' : 'expired');
    if (which === 'all') {
      this.#policy = this.#emptyPolicy();
      this.#vacant = [];
      this.#places = 0;
    }
    return gone.length;
  }

  invalidateWhere(matches: (value: number, key: number) => boolean): number {
    const gone = this.live().filter(([key, value]) => matches(value, key));
    for (const [key] of gone) this.delete(key);
    return gone.length;
  }

  resize(maxEntries: number, maxBytes: number): 'resized' | 'full' {
    if (this.#options.policy === 'ttl') {
      const live = [...this.entries.values()].filter((entry) => !this.#isOver(entry));
      const bytes = live.reduce((sum, entry) => sum + entry.weight, 0);
      if (live.length > maxEntries || bytes > maxBytes) return 'full';
    }
    this.maxEntries = maxEntries;
    this.maxBytes = maxBytes;
    this.#fittingBytes = Infinity;
    this.#policy.resize(this.#share);
    while (this.entries.size > maxEntries || this.bytes > maxBytes) {
      this.#reckon();
      this.#giveUp(this.#policy.victim());
    }
    return 'resized';
  }

  #isOver(entry: ModelEntry): boolean {
    return entry.due <= this.now;
  }

  #emptyPolicy(): ModelPolicy<ModelEntry> {
    const { policy } = this.#options;
    return modelPolicy(policy, this.#share, () => this.now);
  }

  get #share(): ModelShare {
    return {
      entries: Math.min(this.maxEntries, this.#fitting),
      bytes: Math.min(this.maxBytes, this.#fittingBytes),
    };
  }

  /** Tells the policy how many entries fit, at the first eviction and whenever it is off by more than twice. */
  #reckon(): void {
    if (this.maxBytes === Infinity) return;
    const held = this.entries.size;
    const isManyEnough = held >= this.maxEntries;
    const weight = isManyEnough ? Math.max(1, this.bytes) : this.maxBytes;
    const fits = Math.min(this.maxEntries, (held * weight) / Math.max(1, this.bytes));
    const near = (a: number, b: number): boolean => a <= 2 * b && b <= 2 * a;
    if (near(Math.max(1, fits), this.#fitting) && near(weight, this.#fittingBytes)) return;
    this.#fitting = Math.round(Math.max(1, fits));
    this.#fittingBytes = weight;
    this.#policy.resize(this.#share);
  }

  #insert(key: number, weight: number, terms: Terms): ModelSet {
    this.#policy.arrive(key, weight);
    if (this.bytes + weight > this.maxBytes) {
      this.#reckon();
      if (!this.#policy.admits(weight)) {
        this.#refuse(undefined);
        return 'refused';
      }
    }
    while (this.entries.size >= this.maxEntries || this.bytes + weight > this.maxBytes) {
      this.#reckon();
      if (this.#giveUp(this.#policy.victim())) continue;
      this.#refuse(undefined);
      return 'full';
    }
    const place = this.#vacant.pop() ?? this.#places++;
    const entry: ModelEntry = { key, place, weight, ...terms };
    this.entries.set(key, entry);
    this.#policy.insert(entry);
    this.counts.inserts++;
    return 'stored';
  }

  #reweigh(entry: ModelEntry, weight: number): boolean {
    // While room is made for it, its time is not over.
    entry.due = Infinity;
    let attached = true;
    let made = true;
    while (made && this.bytes - entry.weight + weight > this.maxBytes) {
      this.#reckon();
      let victim = this.#policy.victim();
      if (victim === entry) {
        this.#policy.detach(entry);
        attached = false;
        victim = this.#policy.victim();
      }
      made = this.#giveUp(victim);
    }
    if (made) entry.weight = weight;
    if (!attached) this.#policy.attach(entry);
    if (!made) this.#refuse(entry);
    return made;
  }

  #refuse(entry: ModelEntry | undefined): void {
    this.counts.refused++;
    if (entry !== undefined) this.#drop(entry, this.#isOver(entry) ? 'expired' : 'evicted');
  }

  #giveUp(entry: ModelEntry | undefined): boolean {
    if (entry === undefined) return false;
    if (this.#isOver(entry)) this.#drop(entry, 'expired');
    else {
      this.#policy.evict(entry);
      this.#forget(entry, 'evicted');
    }
    return true;
  }

  #drop(entry: ModelEntry, reason: Exclude<RemovalReason, 'replaced'>): void {
    this.#policy.remove(entry);
    this.#forget(entry, reason);
  }

  #forget(entry: ModelEntry, reason: Exclude<RemovalReason, 'replaced'>): void {
    this.#vacant.push(entry.place);
    this.entries.delete(entry.key);
    this.removed.push([entry.key, entry.value, reason]);
    const counter = {
      evicted: 'evictions',
      expired: 'expirations',
      deleted: 'deletes',
      cleared: 'cleared',
    } as const;
    this.counts[counter[reason]]++;
  }
}
