import type { Clock, Emitter, Lifecycle } from '@perf/core';
import type { BusMember } from '../bus/bus-member.ts';
import type { ChangeNews } from '../bus/change-news.ts';
import type { StoreFencing } from '../contracts/store-fencing.ts';
import type { EntryCodec } from '../codec/entry-codec.ts';
import type { Fences } from '../invalidation/fences.ts';
import type { TieredCacheEvents } from './events.ts';
import type { HoldDowns } from './hold-downs.ts';
import type { KeyChain } from './key-chain.ts';
import type { Ledger } from '../invalidation/ledger.ts';
import type { LoadTimes } from './load-times.ts';
import type { LocalTier } from '../local/local-tier.ts';
import type { ResolvedOptions } from './options.ts';
import type { TicketDesk } from '../stores/ledger/ticket-desk.ts';
import type { StoreGate } from '../stores/store-gate.ts';
import type { TieredCounters } from './stats.ts';
import type { StoreWriter } from './store-writer.ts';

/** The store that keeps the shared ledger and the tickets. */
export interface Authority {
  readonly gate: StoreGate;
  readonly fencing: StoreFencing;
  readonly tickets: TicketDesk;
}

/** The parts of one tiered cache, shared by what reads, loads and writes. */
export interface CacheContext<V> {
  readonly options: ResolvedOptions;
  readonly clock: Clock;
  readonly codec: EntryCodec;
  readonly local: LocalTier<V>;
  readonly ledger: Ledger;
  /** In reading order, nearest first. */
  readonly gates: readonly StoreGate[];
  readonly authority: Authority | undefined;
  /** Writes to the stores, but for what is stored under a ticket. */
  readonly writer: StoreWriter<V>;
  /** Tells other instances of what changes here. */
  readonly news: ChangeNews;
  /** Where there is a bus. */
  readonly bus: BusMember | undefined;
  readonly fences: Fences;
  /** Removes the keys from memory and outdates what reads or loads them. */
  readonly fence: (keys: readonly string[]) => void;
  readonly chain: KeyChain;
  readonly holdDowns: HoldDowns;
  readonly loadTimes: LoadTimes;
  /** From 0 to 1, that excluded. */
  readonly random: () => number;
  readonly counters: TieredCounters;
  readonly events: Emitter<TieredCacheEvents>;
  readonly lifecycle: Lifecycle;
  /** A name for a ticket: unique among all instances and loads. */
  readonly newTicket: () => string;
  /** Keeps `close` waiting for it; its failure is reported, not thrown. */
  readonly background: (operation: string, key: string | undefined, work: Promise<unknown>) => void;
}
