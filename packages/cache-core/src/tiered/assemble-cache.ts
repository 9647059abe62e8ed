import { randomBytes } from 'node:crypto';
import { ConfigError, Emitter, type Clock, type Lifecycle } from '@perf/core';
import { createEntryCodec } from '../codec/entry-codec.ts';
import type { CacheStore } from '../contracts/cache-store.ts';
import { Fences } from '../invalidation/fences.ts';
import { createMemoryCache } from '../memory/create-memory-cache.ts';
import { estimateEntryBytes } from '../memory/estimate-bytes.ts';
import type { MemoryCache } from '../memory/memory-cache.ts';
import type { Authority, CacheContext } from '../context/cache-context.ts';
import { cacheChannels, type TieredCacheEvents } from '../context/events.ts';
import { KeyChain } from '../context/key-chain.ts';
import { LocalLedger, type Ledger } from '../invalidation/ledger.ts';
import { SharedLedger } from '../stores/shared-ledger.ts';
import type { LocalEntry } from '../local/local-entry.ts';
import { LocalTier } from '../local/local-tier.ts';
import {
  resolveOptions,
  type ResolvedOptions,
  type TieredCacheOptions,
} from '../context/options.ts';
import type { PendingBatch } from '../stores/pending-invalidations.ts';
import { createCounters } from '../context/stats.ts';
import { TicketDesk } from '../stores/ticket-desk.ts';
import { StoreGate } from '../stores/store-gate.ts';

/** What `createCache` puts together. */
export interface CacheParts<V> {
  readonly context: CacheContext<V>;
  readonly memory: MemoryCache<string, LocalEntry<V>> | undefined;
  /** Resolves when no background work is left. */
  settled(): Promise<void>;
}

/** Stores that belong to a cache: a second one would clear and bound the first one's entries. */
const claimed = new WeakSet<CacheStore>();

/** @throws ConfigError naming the option that is refused; nothing has been started then */
export function assembleCache<V>(
  options: TieredCacheOptions<V>,
  lifecycle: Lifecycle,
): CacheParts<V> {
  const resolved = resolveOptions(options);
  const { name, clock } = resolved;
  const stores = checkStores(options.stores ?? []);
  const codec = createEntryCodec({
    codec: resolved.codec,
    compression: compressionOf(options.compression),
    maxDecodedBytes: options.maxDecodedBytes,
  });
  const memory = options.memory === false ? undefined : createTier(options.memory ?? {}, resolved);
  const events = new CacheEmitter();
  const fences = new Fences();
  const underWay = new Set<Promise<unknown>>();

  const gates = stores.map(
    (store) =>
      new StoreGate(store, {
        clock,
        timeout: resolved.storeTimeout,
        policy: resolved.storePolicy,
        replay,
        onError(operation, error) {
          if (lifecycle.isOpen) {
            events.emit('error', { cache: name, operation, store: store.name, error });
          }
        },
        onStateChange(available) {
          events.emit('store', { cache: name, store: store.name, available });
        },
      }),
  );
  const authority = findAuthority(gates, clock);
  lifecycle.signal.addEventListener('abort', () => authority?.tickets.stop(), { once: true });
  const ledger: Ledger =
    authority === undefined
      ? new LocalLedger(clock)
      : new SharedLedger({
          gate: authority.gate,
          fencing: authority.fencing,
          clock,
          pollInterval: resolved.pollInterval,
          onDrops: fence,
        });
  const local = new LocalTier<V>({
    memory,
    ledger,
    clock,
    isolatedServe: resolved.isolatedServe,
    keepStale: resolved.staleWhileRevalidate,
    onError(key, error) {
      events.emit('error', { cache: name, operation: 'memory', key, error });
    },
  });

  function fence(keys: readonly string[]): void {
    for (const key of keys) {
      local.drop(key);
      fences.outdate(key);
    }
  }

  /** A pending invalidation reaches its store at last; what was read until then must not be stored. */
  async function replay(gate: StoreGate, { invalidation, last }: PendingBatch): Promise<void> {
    const { store } = gate;
    if (invalidation.kind === 'keys') {
      const { keys } = invalidation;
      await gate.callAll('deleteMany', keys, async (some, call) => {
        await store.deleteMany(some, call);
        return some;
      });
      fence(keys);
    } else if (invalidation.kind === 'members') {
      await ledger.replay(invalidation.members, last);
    } else {
      if (gate === authority?.gate) await ledger.replay([{ kind: 'all', name: '' }], true);
      await gate.call('clear', (call) => store.clear(call));
      fences.outdateWhere(() => true);
    }
  }

  const instance = randomBytes(8).toString('hex');
  let tickets = 0;
  const context: CacheContext<V> = {
    options: resolved,
    clock,
    codec,
    local,
    ledger,
    gates,
    authority,
    fences,
    chain: new KeyChain(),
    counters: createCounters(),
    events,
    lifecycle,
    newTicket: () => `${instance}:${++tickets}`,
    background(operation, key, work) {
      const reported = work
        .catch((error: unknown) => {
          if (!lifecycle.isOpen) return;
          const where = key === undefined ? {} : { key };
          events.emit('error', { cache: name, operation, ...where, error });
        })
        .finally(() => underWay.delete(reported));
      underWay.add(reported);
    },
  };
  for (const store of stores) claimed.add(store);
  return {
    context,
    memory,
    async settled() {
      while (underWay.size > 0) await Promise.all(underWay);
    },
  };
}

/** Tells the diagnostics channels what it tells its listeners. */
class CacheEmitter extends Emitter<TieredCacheEvents> {
  constructor() {
    super(Object.keys(cacheChannels) as (keyof TieredCacheEvents)[]);
  }

  override emit<Event extends keyof TieredCacheEvents>(
    event: Event,
    payload: TieredCacheEvents[Event],
  ): void {
    const channel = cacheChannels[event];
    if (channel.active) channel.publish(payload);
    super.emit(event, payload);
  }
}

function checkStores(stores: readonly CacheStore[]): readonly CacheStore[] {
  if (!Array.isArray(stores)) throw new ConfigError('stores', stores, 'an array of stores');
  const names = new Set(['memory', 'loader']);
  for (const store of stores as readonly CacheStore[]) {
    if (typeof store?.getMany !== 'function' || typeof store.name !== 'string') {
      throw new ConfigError('stores', store, 'stores, such as sqliteStore({ path })');
    }
    if (claimed.has(store)) {
      throw new ConfigError(
        'stores',
        store.name,
        'stores of their own: this one serves another cache',
      );
    }
    if (names.has(store.name)) {
      throw new ConfigError(
        'stores',
        store.name,
        `stores of different names, none called 'memory' or 'loader'`,
      );
    }
    names.add(store.name);
  }
  return stores as readonly CacheStore[];
}

/** The widest store that can fence: the one that all instances share. */
function findAuthority(gates: readonly StoreGate[], clock: Clock): Authority | undefined {
  for (const gate of gates.toReversed()) {
    const { fencing } = gate.store;
    if (fencing !== undefined) {
      return { gate, fencing, tickets: new TicketDesk(gate, fencing, clock) };
    }
  }
  return undefined;
}

function compressionOf<V>(
  compression: TieredCacheOptions<V>['compression'],
): Exclude<TieredCacheOptions<V>['compression'], string | false> {
  if (compression === false) return undefined;
  return typeof compression === 'string' ? { algorithm: compression } : compression;
}

function createTier<V>(
  options: Exclude<TieredCacheOptions<V>['memory'], false | undefined>,
  { clock }: ResolvedOptions,
): MemoryCache<string, LocalEntry<V>> {
  const { weigh, maxBytes, ...rest } = options;
  const bounds =
    maxBytes === undefined
      ? {}
      : {
          maxBytes,
          weigh: ({ value }: LocalEntry<V>, key: string) =>
            (weigh ?? estimateEntryBytes)(value, key),
        };
  return createMemoryCache<string, LocalEntry<V>>({ ...rest, ...bounds, clock });
}
