import { randomBytes, randomInt } from 'node:crypto';
import { Emitter, type Lifecycle, seededRandom } from '@perf/core';
import { ChangeNews } from '../bus/change-news.ts';
import { createEntryCodec } from '../codec/entry-codec.ts';
import { EntryWriter } from '../entries/entry-writer.ts';
import { Fences } from '../invalidation/fences.ts';
import { createMemoryCache } from '../memory/create-memory-cache.ts';
import { estimateEntryBytes } from '../memory/entries/estimate-bytes.ts';
import type { MemoryCache } from '../memory/memory-cache.ts';
import type { CacheContext } from '../context/cache-context.ts';
import { cacheChannels, type TieredCacheEvents } from '../context/events.ts';
import { HoldDowns } from '../context/hold-downs.ts';
import { KeyChain } from '../context/key-chain.ts';
import { LoadTimes } from '../context/load-times.ts';
import type { LocalEntry } from '../local/local-entry.ts';
import { LocalTier } from '../local/local-tier.ts';
import {
  resolveOptions,
  type ResolvedOptions,
  type TieredCacheOptions,
} from '../context/options.ts';
import type { Invalidation, PendingBatch } from '../stores/invalidations/pending-invalidations.ts';
import { createCounters } from '../context/stats.ts';
import type { StoreGate } from '../stores/store-gate.ts';
import { Touches } from '../stores/touches.ts';
import { checkTiers, claimTiers } from './check-tiers.ts';
import { isAnnouncer, joinFleet } from './join-fleet.ts';

/** What `createCache` puts together. */
export interface CacheParts<V> {
  readonly context: CacheContext<V>;
  readonly memory: MemoryCache<string, LocalEntry<V>> | undefined;
  /** Resolves when no background work is left. */
  settled(): Promise<void>;
}

/** @throws ConfigError naming the option that is refused; nothing has been started then */
export function assembleCache<V>(
  options: TieredCacheOptions<V>,
  lifecycle: Lifecycle,
): CacheParts<V> {
  const resolved = resolveOptions(options);
  const { name, clock } = resolved;
  const tiers = checkTiers(options);
  const codec = createEntryCodec({
    codec: resolved.codec,
    compression: compressionOf(options.compression),
    maxDecodedBytes: options.maxDecodedBytes,
  });
  const memory = options.memory === false ? undefined : createTier(options.memory ?? {}, resolved);
  const events = new CacheEmitter();
  const fences = new Fences();
  const counters = createCounters();
  const underWay = new Set<Promise<unknown>>();

  const { bus, gates, authority, ledger } = joinFleet(tiers, resolved, {
    replay,
    onAgain: again,
    onDrops: heardOf,
    onGap() {
      counters.gaps++;
    },
    onOverflow(kind, seq) {
      counters.overflows++;
      events.emit('overflow', { cache: name, kind, before: Math.floor(seq / 1000) });
    },
    onVoid(members) {
      // What it concerns among what is under way is not worth finding out.
      fences.outdateWhere(() => true);
      void ledger.invalidate(members);
    },
    emit(event, payload) {
      if (event === 'store' || lifecycle.isOpen) events.emit(event, payload);
    },
  });
  lifecycle.signal.addEventListener('abort', () => authority?.tickets.stop(), { once: true });
  const touches =
    resolved.slidingTtl === Infinity
      ? undefined
      : new Touches({
          clock,
          gates,
          slidingTtl: resolved.slidingTtl,
          background: (work) => background('touch', undefined, work),
        });
  const local = new LocalTier<V>({
    memory,
    ledger,
    clock,
    isolatedServe: resolved.isolatedServe,
    serveStale: resolved.staleWhileRevalidate,
    keepSpare: resolved.staleIfError,
    slidingTtl: resolved.slidingTtl,
    touch: touches?.any === true ? (key, left) => touches.add(key, left) : undefined,
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

  /** Others have changed these keys. */
  function heardOf(keys: readonly string[]): void {
    fence(keys);
    for (const gate of gates) if (gate.isNarrow) gate.forget(keys);
  }

  /** What was confirmed is pending again: what was read since may be from before it. */
  function again(invalidation: Invalidation): void {
    if (invalidation.kind === 'keys') fence(invalidation.keys);
    else if (invalidation.kind === 'clear') {
      local.clear();
      fences.outdateWhere(() => true);
    }
  }

  /**
   * A pending invalidation reaches its store at last; what was read until then must not be stored. Resolves to
   * the keys that it has not reached.
   */
  async function replay(
    gate: StoreGate,
    { invalidation, last }: PendingBatch,
  ): Promise<readonly string[]> {
    if (invalidation.kind === 'keys') {
      const left = await gate.deleteAgain(invalidation.keys);
      fence(invalidation.keys);
      return left;
    }
    if (invalidation.kind === 'members') {
      await ledger.replay(invalidation.members, last);
    } else {
      if (gate === authority?.gate) await ledger.replay([{ kind: 'all', name: '' }], true);
      await gate.call('clear', (call) => gate.clearNow(call), 1, 'report');
      fences.outdateWhere(() => true);
    }
    return [];
  }

  function background(operation: string, key: string | undefined, work: Promise<unknown>): void {
    const reported = work
      .catch((error: unknown) => {
        if (!lifecycle.isOpen) return;
        const where = key === undefined ? {} : { key };
        events.emit('error', { cache: name, operation, ...where, error });
      })
      .finally(() => underWay.delete(reported));
    underWay.add(reported);
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
    bus,
    writer: new EntryWriter({ options: resolved, clock, events, gates }),
    news: new ChangeNews({
      announcer: bus?.announcer,
      byStore: authority !== undefined && isAnnouncer(authority.gate.store, tiers.bus),
      byLedger: authority !== undefined,
    }),
    fences,
    fence,
    chain: new KeyChain(),
    loadTimes: new LoadTimes(),
    random: seededRandom(resolved.seed ?? randomInt(2 ** 32)),
    holdDowns: new HoldDowns(clock, resolved.retryAfter),
    counters,
    events,
    lifecycle,
    newTicket: () => `${instance}:${++tickets}`,
    background,
  };
  claimTiers(tiers);
  bus?.open();
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

function compressionOf<V>(
  compression: TieredCacheOptions<V>['compression'],
): Exclude<TieredCacheOptions<V>['compression'], string | false> {
  if (compression === false) return undefined;
  return typeof compression === 'string' ? { algorithm: compression } : compression;
}

function createTier<V>(
  options: Exclude<TieredCacheOptions<V>['memory'], false | undefined>,
  { clock, slidingTtl }: ResolvedOptions,
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
  return createMemoryCache<string, LocalEntry<V>>({ ...rest, ...bounds, slidingTtl, clock });
}
