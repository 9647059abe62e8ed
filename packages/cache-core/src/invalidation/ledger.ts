import type { Clock } from '@perf/core';
import type { LedgerMember } from '../contracts/store-fencing.ts';
import { LedgerReplica, type ReplicaOptions } from './ledger-replica.ts';

/** The cache's view of who invalidated what, in this process or in the shared store. */
export interface Ledger {
  readonly replica: LedgerReplica;
  /** Entries of an older epoch have to be proved against a store before memory serves them. */
  readonly epoch: number;
  /** Monotonic time up to which memory may be served by what is known. */
  readonly liveUntil: number;
  /** Monotonic time of the last proof that nothing is missing. */
  readonly lastLive: number;
  /** The epoch at {@link lastLive}: it proves nothing for entries of another one. */
  readonly liveEpoch: number;
  /** Whether the shared ledger is out of reach at the moment. */
  readonly isolated: boolean;
  /** How many invalidations this process has called for. */
  readonly invalidations: number;
  /** How long what is known may be trusted, in milliseconds. */
  readonly window: number;
  /** Whether {@link refresh} can make memory current, for entries of the present epoch. */
  readonly canProve: boolean;
  /** Learns what is new, by a request sent after this call. False when the ledger is out of reach. */
  refresh(): Promise<boolean>;
  /**
   * Learns whether everything that was invalidated or changed before this call is known; keys as well,
   * where {@link refresh} tells only of ledger members.
   */
  prove(): Promise<boolean>;
  /** As {@link refresh}, in the background, when memory will need it soon. */
  refreshAhead(now: number): void;
  /** Records invalidations; memory obeys them when this is called, others once it is `applied`. */
  invalidate(members: readonly LedgerMember[]): Promise<'applied' | 'queued'>;
  /** Records pending invalidations at last. @param last whether no others are pending */
  replay(members: readonly LedgerMember[], last: boolean): Promise<void>;
}

/** What a ledger goes by where a bus tells of changes. */
export interface BusTrust {
  /** Monotonic time up to which no message can have been missed. */
  readonly trustedUntil: number;
}

/** A ledger that hears of changes from a bus. */
export interface FollowingLedger extends Ledger {
  /** Goes by this bus from now on. */
  follow(bus: BusTrust): void;
  /** Messages may have been missed: what is known proves nothing of what came before. */
  onGap(): void;
  /** The bus has missed nothing since the last gap. */
  onEcho(): void;
}

/** The ledger of a cache whose stores, if any, have none. */
export class LocalLedger implements Ledger {
  readonly replica: LedgerReplica;
  readonly epoch: number = 0;
  readonly liveUntil: number = Number.POSITIVE_INFINITY;
  readonly isolated: boolean = false;
  readonly canProve: boolean = true;
  readonly window: number = Number.POSITIVE_INFINITY;
  readonly lastLive: number = Number.POSITIVE_INFINITY;
  readonly liveEpoch: number = 0;
  invalidations: number = 0;
  readonly #clock: Clock;

  constructor(clock: Clock, options?: ReplicaOptions) {
    this.#clock = clock;
    this.replica = new LedgerReplica(options);
    // The same in every process: persistent stores keep entries of an earlier one.
    this.replica.adopt('local');
  }

  refresh(): Promise<boolean> {
    return Promise.resolve(true);
  }

  prove(): Promise<boolean> {
    return this.refresh();
  }

  refreshAhead(): void {}

  invalidate(members: readonly LedgerMember[]): Promise<'applied'> {
    this.invalidations++;
    const prev = this.replica.reached;
    const seq = Math.max(prev, this.#clock.epoch() * 1000) + 1;
    this.replica.mergeBump(members, { id: this.replica.id, prev, seq });
    return Promise.resolve('applied');
  }

  replay(members: readonly LedgerMember[]): Promise<void> {
    return this.invalidate(members).then(() => undefined);
  }
}
