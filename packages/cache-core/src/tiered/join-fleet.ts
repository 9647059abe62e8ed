import { Announcer } from '../bus/announcer.ts';
import { BusLedger } from '../bus/bus-ledger.ts';
import { BusMember } from '../bus/bus-member.ts';
import type { CacheStore } from '../contracts/cache-store.ts';
import type { InvalidationBus } from '../contracts/invalidation-bus.ts';
import type { LedgerMember } from '../contracts/store-fencing.ts';
import type { Authority } from '../context/cache-context.ts';
import type { TieredCacheEvents } from '../context/events.ts';
import type { ResolvedOptions } from '../context/options.ts';
import type { ReplicaOptions } from '../invalidation/ledger-replica.ts';
import { LocalLedger, type Ledger } from '../invalidation/ledger.ts';
import { EpochStamp } from '../stores/ledger/epoch-stamp.ts';
import type { Invalidation, PendingBatch } from '../stores/invalidations/pending-invalidations.ts';
import { SharedLedger } from '../stores/ledger/shared-ledger.ts';
import { StoreGate } from '../stores/store-gate.ts';
import { TicketDesk } from '../stores/ledger/ticket-desk.ts';
import type { CheckedTiers } from './check-tiers.ts';

/** What the parts that face other instances tell their cache. */
export interface FleetListener {
  /** Writes a part of what is pending; resolves to the keys that the store does not have. */
  readonly replay: (gate: StoreGate, batch: PendingBatch) => Promise<readonly string[]>;
  /** What a store had confirmed is pending again. */
  readonly onAgain: (invalidation: Invalidation) => void;
  /** Others have changed these keys. */
  readonly onDrops: (keys: readonly string[]) => void;
  /** Others have invalidated these, and no ledger tells. */
  readonly onVoid: (members: readonly LedgerMember[]) => void;
  /** The bus may have missed something. */
  readonly onGap: () => void;
  /** As {@link ReplicaOptions.onOverflow}. */
  readonly onOverflow: (kind: 'tag' | 'pattern', seq: number) => void;
  readonly emit: <Event extends 'error' | 'store'>(
    event: Event,
    payload: TieredCacheEvents[Event],
  ) => void;
}

/** What connects one cache with the others. */
export interface FleetParts {
  readonly bus: BusMember | undefined;
  readonly gates: readonly StoreGate[];
  readonly authority: Authority | undefined;
  readonly ledger: Ledger;
}

/** Puts together what faces other instances; nothing is started. */
export function joinFleet(
  tiers: CheckedTiers,
  options: ResolvedOptions,
  listener: FleetListener,
): FleetParts {
  const { clock, name } = options;
  const { stores, shared } = tiers;
  const announcer =
    tiers.bus &&
    new Announcer(tiers.bus, {
      clock,
      onError(error) {
        listener.emit('error', { cache: name, operation: 'publish', error });
      },
    });
  const stamp = tiers.bus && new EpochStamp();
  const gates = stores.map(
    (store) =>
      new StoreGate(store, {
        clock,
        timeout: options.storeTimeout,
        policy: options.storePolicy,
        isAuthority: store === shared,
        stamp: store.capabilities.scope === 'network' ? undefined : stamp,
        news: isAnnouncer(store, tiers.bus) ? announcer?.news.bind(announcer) : undefined,
        replay: listener.replay,
        onAgain: listener.onAgain,
        onError(operation, error) {
          listener.emit('error', { cache: name, operation, store: store.name, error });
        },
        onStateChange(available) {
          listener.emit('store', { cache: name, store: store.name, available });
        },
      }),
  );
  const replicaOptions: ReplicaOptions = {
    keepStale: options.staleWhileRevalidate,
    onOverflow: listener.onOverflow,
  };
  const authority = toAuthority(gates, shared, options);
  const sharedLedger =
    authority === undefined
      ? undefined
      : new SharedLedger({
          gate: authority.gate,
          fencing: authority.fencing,
          clock,
          pollInterval: options.pollInterval,
          ...replicaOptions,
          onDrops: listener.onDrops,
          announce: isAnnouncer(authority.gate.store, tiers.bus)
            ? undefined
            : announcer?.bump.bind(announcer),
        });
  const following = tiers.bus && (sharedLedger ?? new BusLedger(clock, replicaOptions));
  const ledger = following ?? sharedLedger ?? new LocalLedger(clock, replicaOptions);
  const bus =
    tiers.bus &&
    announcer &&
    new BusMember(tiers.bus, announcer, {
      clock,
      position: () => ({ id: ledger.replica.id, reached: ledger.replica.reached }),
      listener: {
        onDrop: listener.onDrops,
        onVoid: listener.onVoid,
        onBump: (members, reply) => sharedLedger?.onBump(members, reply),
        onPosition: (id, reached) => sharedLedger?.onPosition(id, reached),
        onEnded: (tickets) => authority?.tickets.ended(tickets),
        onGap() {
          following?.onGap();
          listener.onGap();
        },
        onEcho: () => following?.onEcho(),
        onError(error) {
          listener.emit('error', { cache: name, operation: 'close', error });
        },
      },
    });
  if (bus !== undefined) following?.follow(bus);
  watchStores(gates, options, listener);
  return { bus, gates, authority, ledger };
}

/** Whether the store publishes on the bus in the same step as it writes. */
export function isAnnouncer(store: CacheStore, bus: InvalidationBus | undefined): boolean {
  return bus !== undefined && store.capabilities.announces === bus.medium;
}

function toAuthority(
  gates: readonly StoreGate[],
  shared: CacheStore | undefined,
  { clock }: ResolvedOptions,
): Authority | undefined {
  const gate = gates.find(({ store }) => store === shared);
  const fencing = shared?.fencing;
  if (gate === undefined || fencing === undefined) return undefined;
  return { gate, fencing, tickets: new TicketDesk(gate, fencing, clock) };
}

/** What a new server may have lost, it is told again. */
function watchStores(
  gates: readonly StoreGate[],
  { name }: ResolvedOptions,
  listener: FleetListener,
): void {
  for (const gate of gates) {
    gate.store.watch?.({
      onReplaced(how) {
        // One that was restarted from disk may have gone back to a copy of any age.
        gate.repeat(how === 'restart' ? [{ kind: 'clear' }] : []);
      },
      onWarning(error) {
        const store = gate.store.name;
        listener.emit('error', { cache: name, operation: 'watch', store, error });
      },
    });
  }
}
