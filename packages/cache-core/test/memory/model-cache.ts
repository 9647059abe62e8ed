import type { MemoryCachePolicy } from '../../src/memory/memory-cache-options.ts';
import type { RemovalReason } from '../../src/memory/memory-cache.ts';

export interface ModelOptions {
  readonly policy: MemoryCachePolicy;
  readonly maxEntries: number;
  readonly maxBytes: number;
  readonly ttl: number;
  readonly slidingTtl: number;
}

interface ModelEntry {
  readonly key: string;
  value: number;
  weight: number;
  due: number;
  period: number;
  limit: number;
  /** Of the last use, or of the insertion for `fifo`. */
  stamp: number;
  uses: number;
  priority: number;
  attached: boolean;
}

/** What `set` came to. */
export type ModelSet = 'stored' | 'refused' | 'full';

/** A memory cache made of a plain Map and linear searches, to compare the real one with. */
export class ModelCache {
  readonly entries = new Map<string, ModelEntry>();
  readonly removed: [string, number, RemovalReason][] = [];
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
  #time = 0;
  #age = 0;

  constructor(options: ModelOptions) {
    this.#options = options;
    this.maxEntries = options.maxEntries;
    this.maxBytes = options.maxBytes;
  }

  get bytes(): number {
    return [...this.entries.values()].reduce((sum, entry) => sum + entry.weight, 0);
  }

  live(): [string, number][] {
    return [...this.entries.values()]
      .filter((entry) => !this.#isOver(entry))
      .map(({ key, value }) => [key, value]);
  }

  get(key: string): number | undefined {
    const entry = this.entries.get(key);
    if (entry !== undefined && this.#isOver(entry)) this.#drop(entry, 'expired');
    if (entry === undefined || this.#isOver(entry)) {
      this.counts.misses++;
      return undefined;
    }
    if (entry.period !== Infinity) entry.due = Math.min(this.now + entry.period, entry.limit);
    this.counts.hits++;
    this.#use(entry);
    return entry.value;
  }

  peek(key: string): number | undefined {
    const entry = this.entries.get(key);
    return entry === undefined || this.#isOver(entry) ? undefined : entry.value;
  }

  set(key: string, value: number, weight: number, ttl?: number, slidingTtl?: number): ModelSet {
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
      this.#use(stored);
    }
    return 'stored';
  }

  delete(key: string): boolean {
    const entry = this.entries.get(key);
    if (entry === undefined) return false;
    const live = !this.#isOver(entry);
    this.#drop(entry, live ? 'deleted' : 'expired');
    return live;
  }

  clear(which: 'all' | 'expired'): number {
    const gone = [...this.entries.values()].filter((one) => which === 'all' || this.#isOver(one));
    for (const entry of gone) this.#drop(entry, which === 'all' ? 'cleared' : 'expired');
    if (which === 'all') this.#age = 0;
    return gone.length;
  }

  invalidateWhere(matches: (value: number, key: string) => boolean): number {
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
    while (this.entries.size > maxEntries || this.bytes > maxBytes) this.#evictOne();
    return 'resized';
  }

  #isOver(entry: ModelEntry): boolean {
    return entry.due <= this.now;
  }

  #insert(key: string, weight: number): ModelEntry | undefined {
    while (this.entries.size >= this.maxEntries || this.bytes + weight > this.maxBytes) {
      if (this.#evictOne()) continue;
      this.#refuse(undefined);
      return undefined;
    }
    const entry: ModelEntry = {
      key,
      value: 0,
      weight,
      due: Infinity,
      period: Infinity,
      limit: Infinity,
      stamp: 0,
      uses: 0,
      priority: 0,
      attached: false,
    };
    this.entries.set(key, entry);
    this.#attach(entry);
    return entry;
  }

  #reweigh(entry: ModelEntry, weight: number): ModelEntry | undefined {
    while (this.bytes - entry.weight + weight > this.maxBytes) {
      if (this.#victim() === entry) entry.attached = false;
      else if (!this.#evictOne()) {
        this.#refuse(entry);
        return undefined;
      }
    }
    entry.weight = weight;
    if (!entry.attached) this.#attach(entry);
    return entry;
  }

  #refuse(entry: ModelEntry | undefined): void {
    this.counts.refused++;
    if (entry !== undefined) this.#drop(entry, this.#isOver(entry) ? 'expired' : 'evicted');
  }

  #attach(entry: ModelEntry): void {
    entry.attached = true;
    entry.stamp = ++this.#time;
    entry.uses = 1;
    entry.priority = this.#age + 1;
  }

  #use(entry: ModelEntry): void {
    if (this.#options.policy !== 'fifo') entry.stamp = ++this.#time;
    entry.uses = Math.min(63, entry.uses + 1);
    entry.priority = this.#age + entry.uses;
  }

  #victim(): ModelEntry | undefined {
    const { policy } = this.#options;
    const entries = [...this.entries.values()].filter((entry) => entry.attached);
    if (policy === 'ttl') return entries.find((entry) => this.#isOver(entry));
    return entries.toSorted(
      (a, b) => (policy === 'lfu' ? a.priority - b.priority : 0) || a.stamp - b.stamp,
    )[0];
  }

  #evictOne(): boolean {
    const entry = this.#victim();
    if (entry === undefined) return false;
    if (this.#isOver(entry)) this.#drop(entry, 'expired');
    else {
      this.#age = entry.priority;
      this.#drop(entry, 'evicted');
    }
    return true;
  }

  #drop(entry: ModelEntry, reason: Exclude<RemovalReason, 'replaced'>): void {
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
