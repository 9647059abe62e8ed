import { checkKnown } from '@perf/core';
import type {
  CacheStore,
  StoreCall,
  StoreCapabilities,
  StoredEntry,
  StoreHealth,
  StoreListener,
  StoreWrite,
  WriteResult,
} from '../contracts/cache-store.ts';
import type { StoreFencing } from '../contracts/store-fencing.ts';
import { CallControl, endless, type FaultOptions } from './call-control.ts';
import { ControllableFencing } from './controllable-fencing.ts';
import type { Hold, HoldOptions, StoreCallRecord, StoreOperation } from './held-calls.ts';

/** What a stopped process does not answer. */
const WHAT_NEEDS_AN_ANSWER: readonly StoreOperation[] = [
  'getMany',
  'setMany',
  'deleteMany',
  'touchMany',
  'keys',
  'clearExpired',
  'clear',
  'health',
  'sever',
  'ticketMany',
  'renewMany',
  'releaseMany',
  'fillMany',
  'begin',
  'settle',
  'bump',
  'delta',
];

/** The operations whose answer can be `'unknown'`. */
export type WriteOperation = 'setMany' | 'fillMany' | 'settle';

/** Options of {@link controllableStore}. */
export interface ControllableStoreOptions {
  /**
   * Gives it a `sever`: `true`, after which no held call that was given up is ever applied; `false`, which
   * answers that this cannot be made sure of. @default that of the store inside, if it has one
   */
  readonly severs?: boolean;
}

/**
 * A store in front of another one, in which a test decides when a call takes effect, when its answer
 * comes back, and what goes wrong; made by {@link controllableStore}. Nothing here depends on time.
 */
export interface ControllableStore extends CacheStore {
  /** Every call so far, in order. */
  readonly calls: readonly StoreCallRecord[];
  /** The calls of one operation so far, in order. */
  callsOf(operation: StoreOperation): readonly StoreCallRecord[];
  /** Empties {@link calls}. */
  forgetCalls(): void;
  /** Holds the calls that come from now on. A call that several holds claim waits for all of them. */
  hold(options?: HoldOptions): Hold;
  /** Holds everything but `close` before it is applied until {@link thaw}, as a stopped process does. Idempotent. */
  freeze(options?: Pick<HoldOptions, 'onAbort'>): Hold;
  /** Ends {@link freeze}: what was called meanwhile takes effect, in call order. Idempotent. */
  thaw(): void;
  /** Lets the next calls of the operation (`undefined`: of any) reject with the error. */
  fail(operation: StoreOperation | undefined, error: unknown, options?: FaultOptions): void;
  /** Lets the next calls of the operation answer `'unknown'`. */
  unknown(operation: WriteOperation, options?: FaultOptions): void;
  /** Tells the cache that another server answers. What has happened to its data is up to the test. */
  replaced(how: 'failover' | 'restart'): void;
  /** Takes back every {@link fail} and {@link unknown} that is left. */
  heal(): void;
}

class StoreUnderControl implements ControllableStore {
  readonly name: string;
  readonly capabilities: StoreCapabilities;
  readonly fencing?: StoreFencing;
  touchMany?: (keys: readonly string[], ttl: number, call: StoreCall) => Promise<void>;
  keys?: (prefix: string, call: StoreCall) => AsyncIterable<readonly string[]>;
  clearExpired?: (call: StoreCall) => Promise<number>;
  starting?: () => Promise<void> | undefined;
  sever?: (call: StoreCall) => Promise<boolean>;
  readonly #inner: CacheStore;
  readonly #control = new CallControl();
  #frozen: Hold | undefined;
  #listener: StoreListener | undefined;

  constructor(inner: CacheStore, { severs }: ControllableStoreOptions) {
    this.#inner = inner;
    this.name = inner.name;
    this.capabilities = inner.capabilities;
    if (inner.fencing !== undefined) {
      this.fencing = new ControllableFencing(inner.fencing, this.#control);
    }
    if (inner.touchMany !== undefined) this.touchMany = (...args) => this.#touchMany(...args);
    if (inner.keys !== undefined) this.keys = (...args) => this.#keys(...args);
    if (inner.starting !== undefined) this.starting = () => this.#inner.starting?.();
    if (inner.clearExpired !== undefined) this.clearExpired = (call) => this.#clearExpired(call);
    if (severs !== undefined) this.sever = (call) => this.#sever(call, async () => severs);
    else if (inner.sever !== undefined) {
      this.sever = (call) => this.#sever(call, async (own) => (await inner.sever?.(own)) ?? false);
    }
  }

  get calls(): readonly StoreCallRecord[] {
    return this.#control.records;
  }

  callsOf(operation: StoreOperation): readonly StoreCallRecord[] {
    return this.calls.filter((record) => record.operation === operation);
  }

  forgetCalls(): void {
    this.#control.forgetRecords();
  }

  hold(options: HoldOptions = {}): Hold {
    return this.#control.hold(options);
  }

  freeze(options: Pick<HoldOptions, 'onAbort'> = {}): Hold {
    this.#frozen ??= this.hold({ ...options, operation: WHAT_NEEDS_AN_ANSWER });
    return this.#frozen;
  }

  thaw(): void {
    this.#frozen?.release();
    this.#frozen = undefined;
  }

  fail(operation: StoreOperation | undefined, error: unknown, options: FaultOptions = {}): void {
    this.#control.addFault(operation, { value: error }, options);
  }

  unknown(operation: WriteOperation, options: FaultOptions = {}): void {
    this.#control.addFault(operation, undefined, options);
  }

  heal(): void {
    this.#control.removeFaults();
  }

  watch(listener: StoreListener): void {
    this.#listener = listener;
    this.#inner.watch?.(listener);
  }

  replaced(how: 'failover' | 'restart'): void {
    this.#listener?.onReplaced(how);
  }

  getMany(keys: readonly string[], call: StoreCall): Promise<readonly (StoredEntry | undefined)[]> {
    return this.#control.pass({
      operation: 'getMany',
      keys,
      args: [keys],
      call,
      apply: (inner) => this.#inner.getMany(keys, inner),
    });
  }

  setMany(entries: readonly StoreWrite[], call: StoreCall): Promise<readonly WriteResult[]> {
    return this.#control.pass<readonly WriteResult[]>({
      operation: 'setMany',
      keys: entries.map(({ key }) => key),
      args: [entries],
      call,
      apply: (inner) => this.#inner.setMany(entries, inner),
      unknown: () => entries.map(() => 'unknown'),
    });
  }

  deleteMany(keys: readonly string[], call: StoreCall): Promise<number> {
    return this.#control.pass({
      operation: 'deleteMany',
      keys,
      args: [keys],
      call,
      apply: (inner) => this.#inner.deleteMany(keys, inner),
    });
  }

  async #clearExpired(call: StoreCall): Promise<number> {
    return this.#control.pass({
      operation: 'clearExpired',
      args: [],
      call,
      apply: async (inner) => (await this.#inner.clearExpired?.(inner)) ?? 0,
    });
  }

  clear(call: StoreCall): Promise<void> {
    return this.#control.pass({
      operation: 'clear',
      args: [],
      call,
      apply: (inner) => this.#inner.clear(inner),
    });
  }

  health(call: StoreCall): Promise<StoreHealth> {
    return this.#control.pass({
      operation: 'health',
      args: [],
      call,
      apply: (inner) => this.#inner.health(inner),
    });
  }

  close(): Promise<void> {
    return this.#control.pass({
      operation: 'close',
      args: [],
      call: endless(),
      apply: () => this.#inner.close(),
    });
  }

  #sever(call: StoreCall, apply: (call: StoreCall) => Promise<boolean>): Promise<boolean> {
    return this.#control.pass({
      operation: 'sever',
      args: [],
      call,
      apply: async (inner) => {
        const severed = await apply(inner);
        if (severed) this.#control.dropGivenUp();
        return severed;
      },
    });
  }

  #touchMany(keys: readonly string[], ttl: number, call: StoreCall): Promise<void> {
    return this.#control.pass({
      operation: 'touchMany',
      keys,
      args: [keys, ttl],
      call,
      apply: async (inner) => this.#inner.touchMany?.(keys, ttl, inner),
    });
  }

  async *#keys(prefix: string, call: StoreCall): AsyncGenerator<readonly string[]> {
    const pages = await this.#control.pass({
      operation: 'keys',
      args: [prefix],
      call,
      apply: async (inner) => this.#inner.keys?.(prefix, inner) ?? [],
    });
    yield* pages;
  }
}

/**
 * Puts a {@link ControllableStore} before a store. It has the capabilities of that store. Calls that
 * nothing holds are passed on at once, in the same turn; calls for a key wait behind a held one for
 * the same key, since a store keeps their order.
 * @example
 * const store = controllableStore(referenceStore());
 * const hold = store.hold({ operation: 'getMany', when: 'after' });
 * const reading = cache.get('a');   // has read the old value …
 * await hold.reached();
 * await cache.delete('a');          // … and hears of it after the delete
 * hold.release();
 */
export function controllableStore(
  inner: CacheStore,
  options: ControllableStoreOptions = {},
): ControllableStore {
  checkKnown('controllable store', options, ['severs']);
  return new StoreUnderControl(inner, options);
}
