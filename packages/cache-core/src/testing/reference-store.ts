import { checkInteger, checkKnown, Lifecycle } from '@perf/core';
import type {
  CacheStore,
  StoreCall,
  StoreCapabilities,
  StoredEntry,
  StoreHealth,
  StoreWrite,
  WriteResult,
} from '../contracts/cache-store.ts';
import type { StoreFencing } from '../contracts/store-fencing.ts';
import type { StoreNews } from '../contracts/store-news.ts';
import { checkKey } from '../keys/check-key.ts';
import type { BusHub } from './bus-hub.ts';
import { createReferenceBackend, type ReferenceBackend } from './reference-backend.ts';
import { ReferenceFencing, type ReferenceHandle } from './reference-fencing.ts';

/** Options of {@link referenceStore}. */
export interface ReferenceStoreOptions {
  /** Shared by the instances that see the same data. @default one of its own, on the system's clock */
  readonly backend?: ReferenceBackend;
  /** @default 'reference' */
  readonly name?: string;
  /** Names the instance in the drops; unlike all others. @default a new name */
  readonly writer?: string;
  /**
   * What it announces its writes on, in the same step; it has {@link StoreCapabilities.announces} then.
   * @default announces nothing
   */
  readonly hub?: BusHub;
  /** What it claims. @default 'host'; 'network' with a hub */
  readonly scope?: StoreCapabilities['scope'];
  /** What it claims; the data live as long as the backend. @default true */
  readonly persistent?: boolean;
  /** Whether it has `fencing`. @default true */
  readonly conditional?: boolean;
  /** Whether it has `keys`. @default true */
  readonly scan?: boolean;
  /** Whether it has `touchMany`. @default true */
  readonly touch?: boolean;
  /** Whether it tells how long an entry has left. @default true */
  readonly remaining?: boolean;
  /** Whether `delta` carries drops; `false` is a store beside a bus. @default true; false with a hub */
  readonly drops?: boolean;
  /** In bytes of UTF-8. @default no limit */
  readonly maxKeyBytes?: number;
  /** @default no limit */
  readonly maxValueBytes?: number;
}

const OPTIONS: readonly (keyof ReferenceStoreOptions)[] = [
  'backend',
  'name',
  'writer',
  'hub',
  'scope',
  'persistent',
  'conditional',
  'scan',
  'touch',
  'remaining',
  'drops',
  'maxKeyBytes',
  'maxValueBytes',
];

class ReferenceStore implements CacheStore, ReferenceHandle {
  readonly name: string;
  readonly capabilities: StoreCapabilities;
  readonly fencing?: StoreFencing;
  touchMany?: (keys: readonly string[], ttl: number, call: StoreCall) => Promise<void>;
  keys?: (prefix: string, call: StoreCall) => AsyncIterable<readonly string[]>;
  readonly backend: ReferenceBackend;
  readonly writer: string;
  readonly drops: boolean;
  readonly #hub: BusHub | undefined;
  readonly #tellsRemaining: boolean;
  readonly #lifecycle: Lifecycle;

  constructor(options: ReferenceStoreOptions) {
    checkKnown('reference store', options, OPTIONS);
    const { conditional = true, scan = true, touch = true, maxKeyBytes, maxValueBytes } = options;
    const { hub } = options;
    this.name = options.name ?? 'reference';
    this.backend = options.backend ?? createReferenceBackend();
    this.writer = options.writer ?? this.backend.nextWriter();
    this.drops = options.drops ?? hub === undefined;
    this.#hub = hub;
    this.#tellsRemaining = options.remaining ?? true;
    this.#lifecycle = new Lifecycle(`store "${this.name}"`, () => {});
    this.capabilities = {
      scope: options.scope ?? (hub === undefined ? 'host' : 'network'),
      persistent: options.persistent ?? true,
      conditional,
      scan,
      touch,
      blocking: false,
      ...(hub === undefined ? {} : { announces: hub.medium }),
      ...(maxKeyBytes === undefined ? {} : { maxKeyBytes }),
      ...(maxValueBytes === undefined ? {} : { maxValueBytes }),
    };
    if (conditional) this.fencing = new ReferenceFencing(this);
    if (touch) this.touchMany = async (...args) => this.#touchMany(...args);
    if (scan) this.keys = (...args) => this.#pages(...args);
  }

  async getMany(
    keys: readonly string[],
    call: StoreCall,
  ): Promise<readonly (StoredEntry | undefined)[]> {
    this.enter(call);
    return keys.map((key) => this.read(key));
  }

  async setMany(entries: readonly StoreWrite[], call: StoreCall): Promise<readonly WriteResult[]> {
    this.enter(call);
    for (const { key, ttl } of entries) {
      checkKey(key);
      checkInteger('ttl', ttl, { infinite: true });
    }
    const results = entries.map((entry): WriteResult => {
      this.#remove(entry.key);
      if (!this.fits(entry)) return 'refused';
      this.backend.put(entry.key, entry.bytes, entry.ttl);
      return 'stored';
    });
    this.announceDrop(
      entries.map(({ key }) => key),
      call,
    );
    return results;
  }

  async deleteMany(keys: readonly string[], call: StoreCall): Promise<number> {
    this.enter(call);
    const existed = keys.filter((key) => this.#remove(key)).length;
    this.announceDrop(keys, call);
    return existed;
  }

  async clearExpired(call: StoreCall): Promise<number> {
    this.enter(call);
    return this.backend.sweep();
  }

  async clear(call: StoreCall): Promise<void> {
    this.enter(call);
    this.backend.clear();
  }

  async health(): Promise<StoreHealth> {
    if (!this.#lifecycle.isOpen) return { healthy: false, reason: 'closed' };
    return { healthy: true, entries: this.backend.keys.length };
  }

  close(): Promise<void> {
    return this.#lifecycle.close();
  }

  enter({ signal }: StoreCall): void {
    this.#lifecycle.assertOpen();
    signal.throwIfAborted();
  }

  read(key: string): StoredEntry | undefined {
    const entry = this.backend.entry(key);
    return entry === undefined || this.#tellsRemaining ? entry : { bytes: entry.bytes };
  }

  fits({ key, bytes }: StoreWrite): boolean {
    const { maxKeyBytes = Infinity, maxValueBytes = Infinity } = this.capabilities;
    return Buffer.byteLength(key) <= maxKeyBytes && bytes.length <= maxValueBytes;
  }

  announceDrop(keys: readonly string[], call: StoreCall): void {
    if (keys.length > 0) this.announce(call, (news) => news.drop(keys));
  }

  announce({ news }: StoreCall, text: (news: StoreNews) => string): void {
    if (this.#hub !== undefined && news !== undefined) this.#hub.publish(news.channel, text(news));
  }

  /** Whether there was an entry; its ticket goes too, and others have to know. */
  #remove(key: string): boolean {
    this.backend.removeTicket(key);
    if (this.drops) this.backend.drop(key, this.writer);
    return this.backend.evict(key);
  }

  #touchMany(keys: readonly string[], ttl: number, call: StoreCall): void {
    this.enter(call);
    for (const key of keys) this.backend.touch(key, ttl);
  }

  async *#pages(prefix: string, call: StoreCall): AsyncGenerator<readonly string[]> {
    this.enter(call);
    const { keys, pageSize } = this.backend;
    const found = keys.filter((key) => key.startsWith(prefix));
    for (let start = 0; start < found.length; start += pageSize) {
      this.enter(call);
      yield found.slice(start, start + pageSize);
    }
  }
}

/**
 * A store in memory with everything the contract knows: the model that other stores are compared
 * with, and a second tier for the tests of what stands on a store. Each call is applied when it is
 * made. Capabilities can be switched off one by one.
 */
export function referenceStore(options: ReferenceStoreOptions = {}): CacheStore {
  return new ReferenceStore(options);
}
