import type { Clock } from '@perf/core';
import type { StoreCall } from '../contracts/cache-store.ts';
import type { LedgerMember, StoreFencing } from '../contracts/store-fencing.ts';
import { LedgerReplica } from '../invalidation/ledger-replica.ts';
import type { Ledger } from '../invalidation/ledger.ts';
import type { StoreGate } from './store-gate.ts';

/** What a {@link SharedLedger} reports to its cache. */
export interface LedgerListener {
  /** Other instances wrote or deleted these keys. */
  onDrops(keys: readonly string[]): void;
  /** Something may have been missed: what is under way must not be stored. */
  onGap(): void;
}

const EVERYTHING: LedgerMember = { kind: 'all', name: '' };
/** How many deltas in a row one refresh reads at most. */
const DELTAS_PER_REFRESH = 64;

/** A ledger in a shared store without a bus: it is read along with every read, and polled for memory. */
export class SharedLedger implements Ledger {
  readonly replica: LedgerReplica = new LedgerReplica();
  readonly #gate: StoreGate;
  readonly #fencing: StoreFencing;
  readonly #clock: Clock;
  readonly window: number;
  invalidations: number = 0;
  readonly #listener: LedgerListener;
  #epoch = 0;
  #liveUntil = Number.NEGATIVE_INFINITY;
  #lastLive = Number.NEGATIVE_INFINITY;
  #current: Promise<boolean> | undefined;
  #next: Promise<boolean> | undefined;
  /** Marks of invalidations that are pending. */
  #queuedMarks: (() => void)[] = [];
  /** Marks of invalidations that are in a ledger not read yet. */
  #unreadMarks: (() => void)[] = [];

  constructor(
    gate: StoreGate,
    fencing: StoreFencing,
    clock: Clock,
    pollInterval: number,
    listener: LedgerListener,
  ) {
    this.#gate = gate;
    this.#fencing = fencing;
    this.#clock = clock;
    this.window = pollInterval;
    this.#listener = listener;
  }

  get epoch(): number {
    return this.#epoch;
  }

  get liveUntil(): number {
    return this.#liveUntil;
  }

  get lastLive(): number {
    return this.#lastLive;
  }

  get isolated(): boolean {
    return !this.#gate.available;
  }

  refresh(): Promise<boolean> {
    if (this.#current === undefined) return this.#next ?? this.#start();
    // The one under way was sent before this call and may have missed what came in between.
    this.#next ??= this.#current.then(() => {
      this.#next = undefined;
      return this.#start();
    });
    return this.#next;
  }

  refreshAhead(now: number): void {
    const due = now > this.#liveUntil - this.window / 2;
    const idle = this.#current === undefined && this.#next === undefined;
    if (due && idle && this.#gate.available) void this.#start();
  }

  async invalidate(members: readonly LedgerMember[]): Promise<'applied' | 'queued'> {
    this.invalidations++;
    const release = this.replica.mark(members);
    return this.#gate.apply(
      'bump',
      { kind: 'members', members },
      (call) => this.#bump(members, call, [release]),
      // Before anything can be replayed: a mark that misses its replay stands for ever.
      () => this.#queuedMarks.push(release),
    );
  }

  async replay(members: readonly LedgerMember[], last: boolean): Promise<void> {
    // A mark may stand for members of several parts.
    const marks = last ? this.#queuedMarks.splice(0) : [];
    try {
      await this.#gate.call('bump', (call) => this.#bump(members, call, marks));
    } catch (error) {
      this.#queuedMarks.unshift(...marks);
      throw error;
    }
  }

  /** Records the members; then the replica knows what the marks stood for. */
  async #bump(
    members: readonly LedgerMember[],
    call: StoreCall,
    marks: readonly (() => void)[],
  ): Promise<void> {
    const reply = await this.#fencing.bump(members, this.replica.highest, call);
    // Facts are missing in between; until they are read, memory proves nothing.
    if (!this.replica.mergeBump(members, reply)) this.#liveUntil = Number.NEGATIVE_INFINITY;
    if (reply.id === this.replica.id) for (const release of marks) release();
    else this.#unreadMarks.push(...marks);
  }

  #start(): Promise<boolean> {
    this.#current = this.#read().finally(() => {
      this.#current = undefined;
    });
    return this.#current;
  }

  async #read(): Promise<boolean> {
    let adopt = false;
    for (let round = 0; round < DELTAS_PER_REFRESH; round++) {
      if (!this.#gate.available) return false;
      const sentAt = this.#clock.now();
      const position = adopt ? { seq: 0, drop: 0 } : this.replica.position;
      try {
        const delta = await this.#gate.call('delta', (call) => this.#fencing.delta(position, call));
        const result = this.replica.mergeDelta(delta, position, adopt);
        if (result === 'foreign') {
          adopt = true;
          continue;
        }
        if (adopt || delta.gap) this.#missed();
        adopt = false;
        if (delta.drops.length > 0) this.#listener.onDrops(delta.drops);
        if (result === 'rolled-back') {
          await this.#gate.call('bump', (call) => this.#bump([EVERYTHING], call, []));
        }
        if (result === 'merged') {
          for (const release of this.#unreadMarks.splice(0)) release();
          this.#lastLive = sentAt;
          this.#liveUntil = sentAt + this.window;
          return true;
        }
      } catch {
        // Reported by the gate.
        return false;
      }
    }
    return false;
  }

  #missed(): void {
    this.#epoch++;
    this.#listener.onGap();
  }
}
