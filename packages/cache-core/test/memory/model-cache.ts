import type { MemoryCachePolicy } from '../../src/memory/memory-cache-options.ts';
import type { RemovalReason } from '../../src/memory/memory-cache.ts';
import { modelPolicy } from './model-policies.ts';
import type { ModelItem, ModelPolicy } from './model-policy.ts';

export interface ModelOptions {
  readonly policy: MemoryCachePolicy;
  readonly maxEntries: number;
  readonly maxBytes: number;
  readonly ttl: number;
  readonly slidingTtl: number;
}

interface ModelEntry extends ModelItem {
  value: number;
  weight: number;
  due: number;
  period: number;
  limit: number;
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
    const stored = entry === undefined ? this.#insert(key, weight) : this.#reweigh(entry, weight);
    if (stored === undefined) return 'full';
    if (entry !== undefined && value !== entry.value) {
      this.removed.push([key, entry.value, 'replaced']);
    }
    stored.value = value;
    stored.period = slidingTtl ?? this.#options.slidingTtl;
    stored.limit = this.now + (ttl ?? this.#options.ttl);
    stored.due = Math.min(stored.limit, this.now + stored.period);
    if (entry === undefined) this.counts.inserts++;
    else {
      this.counts.updates++;
      this.#policy.use(stored);
    }
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
    this.#policy.resize(maxEntries);
    while (this.entries.size > maxEntries || this.bytes > maxBytes)
      this.#giveUp(this.#policy.victim());
    return 'resized';
  }

  #isOver(entry: ModelEntry): boolean {
    return entry.due <= this.now;
  }

  #emptyPolicy(): ModelPolicy<ModelEntry> {
    const { policy } = this.#options;
    return modelPolicy(policy, this.maxEntries, (entry) => this.#isOver(entry));
  }

  #insert(key: number, weight: number): ModelEntry | undefined {
    this.#policy.arrive(key);
    while (this.entries.size >= this.maxEntries || this.bytes + weight > this.maxBytes) {
      if (this.#giveUp(this.#policy.victim())) continue;
      this.#refuse(undefined);
      return undefined;
    }
    const place = this.#vacant.pop() ?? this.#places++;
    const never = { due: Infinity, period: Infinity, limit: Infinity };
    const entry: ModelEntry = { key, place, value: 0, weight, ...never };
    this.entries.set(key, entry);
    this.#policy.insert(entry);
    return entry;
  }

  #reweigh(entry: ModelEntry, weight: number): ModelEntry | undefined {
    let attached = true;
    while (this.bytes - entry.weight + weight > this.maxBytes) {
      const victim = this.#policy.victim();
      if (victim === entry) {
        this.#policy.remove(entry);
        attached = false;
      } else if (!this.#giveUp(victim)) {
        this.#refuse(entry);
        return undefined;
      }
    }
    entry.weight = weight;
    if (attached) return entry;
    this.#policy.arrive(entry.key);
    this.#policy.insert(entry);
    return entry;
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
