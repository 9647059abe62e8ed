import type { Clock } from '@perf/core';
import { SILENCE } from '../../bus/peers.ts';
import type { StoreCall } from '../../contracts/cache-store.ts';
import type { BumpReply, LedgerMember, StoreFencing } from '../../contracts/store-fencing.ts';
import { hardened } from '../../invalidation/hardened.ts';
import { LedgerReplica, type ReplicaOptions } from '../../invalidation/ledger-replica.ts';
import type { BusTrust, FollowingLedger } from '../../invalidation/ledger.ts';
import { HeldMarks } from './held-marks.ts';
import type { StoreGate } from '../store-gate.ts';

/** What a {@link SharedLedger} needs. */
export interface SharedLedgerOptions extends ReplicaOptions {
  readonly gate: StoreGate;
  readonly fencing: StoreFencing;
  readonly clock: Clock;
  /** How long one reading is trusted where no bus tells of changes, in milliseconds. */
  readonly pollInterval: number;
  /** Other instances wrote or deleted these keys. */
  readonly onDrops: (keys: readonly string[]) => void;
  /** Tells the others of a bump, where the store does not do so by itself. */
  readonly announce?: ((members: readonly LedgerMember[], reply: BumpReply) => void) | undefined;
}

const EVERYTHING: LedgerMember = { kind: 'all', name: '' };
/** How many deltas in a row one refresh reads at most. */
const DELTAS_PER_REFRESH = 64;

/**
 * The ledger of a shared store. It is read along with every read of the store; for memory, a bus tells
 * what is new, or else it is polled.
 */
export class SharedLedger implements FollowingLedger {
  readonly replica: LedgerReplica;
  readonly #options: SharedLedgerOptions;
  readonly window: number;
  invalidations: number = 0;
  #bus: BusTrust | undefined;
  #epoch = 0;
  /** Where there is no bus. */
  #polledUntil = Number.NEGATIVE_INFINITY;
  /** Whether the replica has everything that the bus has told of, and nothing was missed before. */
  #complete = false;
  /** The highest number that is known to be in the ledger. */
  #wanted = 0;
  #lastLive = Number.NEGATIVE_INFINITY;
  #liveEpoch = 0;
  /** How often what is being read was found to be out of date before it came. */
  #notices = 0;
  #current: Promise<boolean> | undefined;
  #next: Promise<boolean> | undefined;
  /** Marks of invalidations that are pending. */
  readonly #queuedMarks: HeldMarks;
  /** Marks of invalidations that are in a ledger not read yet. */
  readonly #unreadMarks: HeldMarks;

  constructor(options: SharedLedgerOptions) {
    this.#options = options;
    this.replica = new LedgerReplica(options);
    this.window = options.pollInterval;
    this.#queuedMarks = new HeldMarks(this.replica);
    this.#unreadMarks = new HeldMarks(this.replica);
  }

  follow(bus: BusTrust): void {
    this.#bus = bus;
  }

  get epoch(): number {
    return this.#epoch;
  }

  get liveUntil(): number {
    if (this.#bus === undefined) return this.#polledUntil;
    return this.#complete ? this.#bus.trustedUntil : Number.NEGATIVE_INFINITY;
  }

  get lastLive(): number {
    return this.#lastLive;
  }

  get liveEpoch(): number {
    return this.#liveEpoch;
  }

  get isolated(): boolean {
    return !this.#options.gate.available;
  }

  get canProve(): boolean {
    return this.#bus === undefined || this.#options.clock.now() <= this.#bus.trustedUntil;
  }

  onGap(): void {
    this.#notices++;
    this.#epoch++;
    // That long before it was noticed it may have begun.
    this.#lastLive = Math.min(this.#lastLive, this.#options.clock.now() - SILENCE);
    this.#readAgain();
  }

  /** Others have bumped the ledger. */
  onBump(members: readonly LedgerMember[], reply: BumpReply): void {
    if (!this.replica.mergeBump(members, reply)) this.#lacks(reply.id, reply.seq);
  }

  /** Another instance has seen the ledger as far as this. */
  onPosition(id: string, reached: number): void {
    if (id === '') return;
    const { replica } = this;
    if (id !== replica.id || reached > replica.position.seq) this.#lacks(id, reached);
  }

  onEcho(): void {
    if (this.#complete) this.#live(this.#options.clock.now());
  }

  async prove(): Promise<boolean> {
    const known = await this.refresh();
    return this.#bus === undefined ? known : this.#options.clock.now() <= this.liveUntil;
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
    if (this.#bus !== undefined) return;
    const due = now > this.#polledUntil - this.window / 2;
    const idle = this.#current === undefined && this.#next === undefined;
    if (due && idle && !this.isolated) void this.#start();
  }

  async invalidate(members: readonly LedgerMember[]): Promise<'applied' | 'queued'> {
    this.invalidations++;
    const marks = new HeldMarks(this.replica);
    marks.add(members, this.replica.nextTick());
    return this.#options.gate.apply(
      'bump',
      { kind: 'members', members },
      (call) => this.#bump(members, call, marks),
      // Before anything can be replayed: a mark that misses its replay stands for ever.
      () => {
        this.#queuedMarks.takeFrom(marks);
      },
    );
  }

  async replay(members: readonly LedgerMember[], last: boolean): Promise<void> {
    // The marks of what is queued end together, so that none ends early.
    const marks = new HeldMarks(this.replica);
    if (last) marks.takeFrom(this.#queuedMarks);
    try {
      await this.#options.gate.call(
        'bump',
        (call) => this.#bump(members, call, marks),
        1,
        'report',
      );
    } catch (error) {
      this.#queuedMarks.takeFrom(marks);
      throw error;
    }
  }

  /** Records the members; then the replica knows what the marks stood for. */
  async #bump(members: readonly LedgerMember[], call: StoreCall, marks: HeldMarks): Promise<void> {
    const { fencing, announce } = this.#options;
    const reached = Math.max(this.replica.highest, this.#wanted);
    const reply = await fencing.bump(members, reached, call);
    announce?.(members, reply);
    // Facts are missing in between; until they are read, memory proves nothing.
    if (!this.replica.mergeBump(members, reply)) {
      this.#polledUntil = Number.NEGATIVE_INFINITY;
      // What is being read may have been sent before: it must not release the marks.
      if (reply.id !== this.replica.id) this.#notices++;
      if (this.#bus !== undefined) this.#lacks(reply.id, reply.seq);
    }
    if (reply.id === this.replica.id) {
      marks.release();
      return;
    }
    // The replica of another ledger has not learnt it, and nothing else stands for a soft one until it has.
    marks.add(hardened(members), this.replica.nextTick());
    this.#unreadMarks.takeFrom(marks);
  }

  /** There is a number in a ledger of this id that the replica may not have come to. */
  #lacks(id: string, seq: number): void {
    if (id === this.replica.id) this.#wanted = Math.max(this.#wanted, seq);
    else this.#notices++;
    this.#readAgain();
  }

  #readAgain(): void {
    this.#complete = false;
    if (!this.isolated) void this.refresh();
  }

  #live(since: number): void {
    this.#lastLive = since;
    this.#liveEpoch = this.#epoch;
  }

  #start(): Promise<boolean> {
    this.#current = this.#read().finally(() => {
      this.#current = undefined;
    });
    return this.#current;
  }

  async #read(): Promise<boolean> {
    const { gate, fencing, clock, onDrops } = this.#options;
    let adopt = false;
    for (let round = 0; round < DELTAS_PER_REFRESH; round++) {
      if (!gate.available) return false;
      const sentAt = clock.now();
      const notices = this.#notices;
      const wanted = this.#wanted;
      const position = adopt ? { seq: 0, drop: 0 } : this.replica.position;
      try {
        const delta = await gate.call('delta', (call) => fencing.delta(position, call));
        // Sent before something was found to be missing, it may be of before that.
        if (notices !== this.#notices) continue;
        const result = this.replica.mergeDelta(delta, position, adopt);
        if (result === 'foreign') {
          adopt = true;
          continue;
        }
        if (adopt || delta.gap) this.#epoch++;
        if (adopt) this.#wanted = 0;
        adopt = false;
        if (delta.drops.length > 0) onDrops(delta.drops);
        // What others have seen of the ledger, or this instance, is not there any more.
        if (result === 'rolled-back' || (result === 'merged' && delta.seq < wanted)) {
          await gate.call('bump', (call) =>
            this.#bump([EVERYTHING], call, new HeldMarks(this.replica)),
          );
        } else if (result === 'merged') {
          this.#caughtUp(sentAt);
          return true;
        }
      } catch {
        // Reported by the gate.
        return false;
      }
    }
    return false;
  }

  #caughtUp(sentAt: number): void {
    this.#unreadMarks.release();
    this.#complete = this.replica.position.seq >= this.#wanted;
    this.#polledUntil = sentAt + this.window;
    // Keys are not in the ledger: there only the bus tells of them.
    if (this.#bus === undefined || sentAt <= this.liveUntil) this.#live(sentAt);
  }
}
