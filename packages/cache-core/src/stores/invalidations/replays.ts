import type { Clock, Timer } from '@perf/core';
import { hardened } from '../../invalidation/hardened.ts';
import { Journal } from './journal.ts';
import {
  PendingInvalidations,
  type Invalidation,
  type PendingBatch,
} from './pending-invalidations.ts';
import type { StoreCalls } from '../calls/store-calls.ts';

/** The first pause in milliseconds until what did not get through is tried again; it doubles while it fails. */
const FIRST_PAUSE = 100;
const LONGEST_PAUSE = 5000;
/**
 * When writes that could not be severed are repeated once more: twice as long as the usual user timeout
 * of TCP, after which a connection that has vanished delivers nothing any more.
 */
const REPEAT_AFTER = 60_000;

/** What {@link Replays} need beside the calls of their store. */
export interface ReplaysOptions {
  readonly clock: Clock;
  /**
   * Writes a part of what is pending; resolves to the keys that the store does not have, when it has the
   * others.
   */
  readonly write: (batch: PendingBatch) => Promise<readonly string[]>;
  /** Something is pending from now on that the store had acknowledged: what was read since may be old. */
  readonly onAgain: (invalidation: Invalidation) => void;
}

/**
 * Brings to a store what it has not confirmed, or may have forgotten again. What cannot be written is tried again
 * at a pace of its own: other calls may go well meanwhile, and the store is there for them.
 */
export class Replays {
  readonly pending: PendingInvalidations = new PendingInvalidations();
  readonly #calls: StoreCalls;
  readonly #options: ReplaysOptions;
  readonly #journal: Journal | undefined;
  /** Repeated once more later: an earlier write could not be kept from arriving after them. */
  readonly #unsevered = new PendingInvalidations();
  #replaying: Promise<void> | undefined;
  #pause = FIRST_PAUSE;
  /** While what failed waits to be tried again. */
  #timer: Timer | undefined;
  #repeatTimer: Timer | undefined;
  #stopped = false;

  constructor(calls: StoreCalls, options: ReplaysOptions) {
    this.#calls = calls;
    this.#options = options;
    this.#journal = calls.store.watch === undefined ? undefined : new Journal(options.clock);
  }

  /** Whether what is pending is to be written now, before anything else. */
  get isDue(): boolean {
    if (this.pending.size === 0) return false;
    return this.#replaying !== undefined || (this.#calls.available && this.#timer === undefined);
  }

  /** How many writes are repeated later because earlier ones may still arrive. */
  get unsevered(): number {
    return this.#unsevered.size;
  }

  /** The store has to be told of it, as soon as it can be. */
  add(invalidation: Invalidation): void {
    this.pending.add(invalidation);
    if (this.isDue) void this.replay();
  }

  /** The store has not confirmed it. */
  queue(invalidation: Invalidation): void {
    this.pending.add(invalidation);
    this.#schedule();
  }

  /** The store has confirmed it. */
  confirmed(invalidation: Invalidation): void {
    this.#journal?.add(invalidation);
  }

  /** Another server answers: it is told again what the former one confirmed last. */
  repeat(also: readonly Invalidation[]): void {
    for (const invalidation of [...(this.#journal?.recent() ?? []).map(repeated), ...also]) {
      this.pending.add(invalidation);
      this.#options.onAgain(invalidation);
    }
    // What the former one refused may get through to this one.
    this.#pause = FIRST_PAUSE;
    if (this.pending.size > 0) void this.replay();
  }

  /** Writes what is pending; resolves when nothing is left or the store fails again. Never rejects. */
  replay(): Promise<void> {
    if (this.#replaying !== undefined) return this.#replaying;
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#replaying = this.#replayAll().then((done) => {
      this.#replaying = undefined;
      if (this.pending.size === 0) this.#pause = FIRST_PAUSE;
      // What came after the last look at it is not left to chance.
      else if (done && this.#calls.available) return this.replay();
      else this.#schedule();
      return undefined;
    });
    return this.#replaying;
  }

  /** No more timers; what is pending stays so. */
  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
    this.#repeatTimer?.cancel();
  }

  /** False when something has failed. */
  async #replayAll(): Promise<boolean> {
    if (this.pending.size === 0 || !this.#calls.available) return true;
    /** They keep no other key waiting. */
    const stuck = new Set<string>();
    try {
      const severed = await this.#sever();
      while (this.pending.size > stuck.size && this.#calls.available) {
        const batch = this.pending.next(stuck);
        const left = await this.#options.write(batch);
        for (const key of left) stuck.add(key);
        this.#written(left.length === 0 ? batch : without(batch, stuck), severed);
      }
      return stuck.size === 0;
    } catch {
      // Reported by the call; it stays pending.
      return false;
    }
  }

  #written(batch: PendingBatch, severed: boolean): void {
    const { invalidation } = batch;
    if (invalidation.kind === 'keys' && invalidation.keys.length === 0) return;
    this.pending.settle(batch);
    this.confirmed(invalidation);
    if (!severed) this.#repeatLater(invalidation);
  }

  /** Whether nothing that was sent before can arrive after what is sent now. */
  async #sever(): Promise<boolean> {
    const { store } = this.#calls;
    const sever = store.sever?.bind(store);
    return sever === undefined || this.#calls.call('sever', sever, 1, 'report');
  }

  #repeatLater(invalidation: Invalidation): void {
    this.#unsevered.add(invalidation);
    if (this.#stopped) return;
    this.#repeatTimer ??= this.#options.clock.setTimer(() => {
      this.#repeatTimer = undefined;
      while (this.#unsevered.size > 0) {
        const batch = this.#unsevered.next();
        this.#unsevered.settle(batch);
        this.pending.add(batch.invalidation);
        this.#options.onAgain(batch.invalidation);
      }
      void this.replay();
    }, REPEAT_AFTER);
  }

  /** A store that is being left alone replays when it is asked again. */
  #schedule(): void {
    if (this.#timer !== undefined || this.#replaying !== undefined) return;
    if (this.#stopped || !this.#calls.available) return;
    this.#timer = this.#options.clock.setTimer(() => {
      this.#timer = undefined;
      void this.replay();
    }, this.#pause);
    this.#pause = Math.min(this.#pause * 2, LONGEST_PAUSE);
  }
}

function without(batch: PendingBatch, stuck: ReadonlySet<string>): PendingBatch {
  const { invalidation } = batch;
  if (invalidation.kind !== 'keys') return batch;
  const keys = invalidation.keys.filter((key) => !stuck.has(key));
  return { ...batch, invalidation: { kind: 'keys', keys } };
}

/**
 * A soft invalidation that is repeated has a later number: whoever knows that one only would serve what it
 * concerns for longer.
 */
function repeated(invalidation: Invalidation): Invalidation {
  return invalidation.kind === 'members'
    ? { kind: 'members', members: hardened(invalidation.members) }
    : invalidation;
}
