import type { Clock } from '@perf/core';
import type { LedgerMember } from '../contracts/store-fencing.ts';
import { LocalLedger, type BusTrust, type FollowingLedger } from '../invalidation/ledger.ts';
import type { LedgerReplica, ReplicaOptions } from '../invalidation/ledger-replica.ts';
import { SILENCE } from './peers.ts';

/**
 * The ledger of instances that share a bus but no store: what others invalidate comes in messages, and
 * what may have been missed can be proved by nobody.
 */
export class BusLedger implements FollowingLedger {
  readonly window: number = 0;
  readonly #clock: Clock;
  readonly #own: LocalLedger;
  #bus: BusTrust = { trustedUntil: Number.NEGATIVE_INFINITY };
  #epoch = 0;
  #lastLive = Number.NEGATIVE_INFINITY;
  #liveEpoch = 0;

  constructor(clock: Clock, options?: ReplicaOptions) {
    this.#clock = clock;
    this.#own = new LocalLedger(clock, options);
  }

  follow(bus: BusTrust): void {
    this.#bus = bus;
  }

  get replica(): LedgerReplica {
    return this.#own.replica;
  }

  get invalidations(): number {
    return this.#own.invalidations;
  }

  get epoch(): number {
    return this.#epoch;
  }

  get liveUntil(): number {
    return this.#bus.trustedUntil;
  }

  get lastLive(): number {
    return this.#lastLive;
  }

  get liveEpoch(): number {
    return this.#liveEpoch;
  }

  get isolated(): boolean {
    return this.#clock.coarse() > this.#bus.trustedUntil;
  }

  onGap(): void {
    this.#epoch++;
    // That long before it was noticed it may have begun.
    this.#lastLive = Math.min(this.#lastLive, this.#clock.now() - SILENCE);
    if (this.#clock.now() <= this.#bus.trustedUntil) this.onEcho();
  }

  onEcho(): void {
    this.#lastLive = this.#clock.now();
    this.#liveEpoch = this.#epoch;
  }

  /** It costs nothing to ask: there is no shared store. */
  readonly canProve: boolean = true;

  refresh(): Promise<boolean> {
    return Promise.resolve(true);
  }

  prove(): Promise<boolean> {
    return Promise.resolve(this.#clock.now() <= this.#bus.trustedUntil);
  }

  refreshAhead(): void {}

  invalidate(members: readonly LedgerMember[]): Promise<'applied'> {
    return this.#own.invalidate(members);
  }

  replay(members: readonly LedgerMember[]): Promise<void> {
    return this.#own.replay(members);
  }
}
