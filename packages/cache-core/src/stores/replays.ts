import type { Clock, Timer } from '@perf/core';
import { Journal } from './journal.ts';
import {
  PendingInvalidations,
  type Invalidation,
  type PendingBatch,
} from './pending-invalidations.ts';
import type { StoreCalls } from './store-calls.ts';

/** How long until what is pending is tried again where a policy, not a cool-off, says when, in milliseconds. */
const REPLAY_INTERVAL = 1000;
/**
 * When writes that could not be severed are repeated once more: twice as long as the usual user timeout
 * of TCP, after which a connection that has vanished delivers nothing any more.
 */
const REPEAT_AFTER = 60_000;

/** What {@link Replays} need beside the calls of their store. */
export interface ReplaysOptions {
  readonly clock: Clock;
  /** Whether a policy, and not the cool-off, says when the store may be called. */
  readonly hasPolicy: boolean;
  /** Writes a part of what is pending; resolves when the store has it. */
  readonly write: (batch: PendingBatch) => Promise<void>;
  /** Something is pending from now on that the store had acknowledged: what was read since may be old. */
  readonly onAgain: (invalidation: Invalidation) => void;
}

/** Brings to a store what it has not confirmed, or may have forgotten again. */
export class Replays {
  readonly pending: PendingInvalidations = new PendingInvalidations();
  readonly #calls: StoreCalls;
  readonly #options: ReplaysOptions;
  readonly #journal: Journal | undefined;
  /** Repeated once more later: an earlier write could not be kept from arriving after them. */
  readonly #unsevered = new PendingInvalidations();
  #replaying: Promise<void> | undefined;
  #timer: Timer | undefined;
  #repeatTimer: Timer | undefined;
  #stopped = false;

  constructor(calls: StoreCalls, options: ReplaysOptions) {
    this.#calls = calls;
    this.#options = options;
    this.#journal = calls.store.watch === undefined ? undefined : new Journal(options.clock);
  }

  /** Whether a write has to wait for what is pending before it. */
  get isDue(): boolean {
    return this.pending.size > 0 && (this.#replaying !== undefined || this.#calls.available);
  }

  /** How many writes are repeated later because earlier ones may still arrive. */
  get unsevered(): number {
    return this.#unsevered.size;
  }

  /** The store has not confirmed it. */
  add(invalidation: Invalidation): void {
    this.pending.add(invalidation);
    this.#schedule();
  }

  /** The store has confirmed it. */
  confirmed(invalidation: Invalidation): void {
    this.#journal?.add(invalidation);
  }

  /** Another server answers: it is told again what the former one confirmed last. */
  repeat(also: readonly Invalidation[]): void {
    for (const invalidation of [...(this.#journal?.recent() ?? []).map(hardened), ...also]) {
      this.add(invalidation);
      this.#options.onAgain(invalidation);
    }
    if (this.pending.size > 0) void this.replay();
  }

  /** Writes what is pending; resolves when nothing is left or the store fails again. Never rejects. */
  replay(): Promise<void> {
    this.#replaying ??= this.#replayAll().then((done) => {
      this.#replaying = undefined;
      if (this.pending.size === 0) return undefined;
      // What came after the last look at it is not left to chance.
      if (done && this.#calls.available) return this.replay();
      this.#schedule();
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

  /** False when the store has failed. */
  async #replayAll(): Promise<boolean> {
    if (this.pending.size === 0 || !this.#calls.available) return true;
    try {
      const severed = await this.#sever();
      while (this.pending.size > 0 && this.#calls.available) {
        const batch = this.pending.next();
        await this.#options.write(batch);
        this.pending.settle(batch);
        this.confirmed(batch.invalidation);
        if (!severed) this.#repeatLater(batch.invalidation);
      }
      return true;
    } catch {
      // Reported by the call; it stays pending.
      return false;
    }
  }

  /** Whether nothing that was sent before can arrive after what is sent now. */
  async #sever(): Promise<boolean> {
    const { store } = this.#calls;
    const sever = store.sever?.bind(store);
    return sever === undefined || this.#calls.call('sever', sever);
  }

  #repeatLater(invalidation: Invalidation): void {
    this.#unsevered.add(invalidation);
    if (this.#stopped) return;
    this.#repeatTimer ??= this.#options.clock.setTimer(() => {
      this.#repeatTimer = undefined;
      while (this.#unsevered.size > 0) {
        const batch = this.#unsevered.next();
        this.#unsevered.settle(batch);
        this.add(batch.invalidation);
        this.#options.onAgain(batch.invalidation);
      }
      void this.replay();
    }, REPEAT_AFTER);
  }

  /** A store that opens again replays by itself; a policy does not say when. */
  #schedule(): void {
    if (!this.#options.hasPolicy || this.#timer !== undefined || this.#stopped) return;
    this.#timer = this.#options.clock.setTimer(() => {
      this.#timer = undefined;
      void this.replay();
    }, REPLAY_INTERVAL);
  }
}

/**
 * A soft invalidation that is repeated has a later number: whoever knows that one only would serve what it
 * concerns for longer.
 */
function hardened(invalidation: Invalidation): Invalidation {
  if (invalidation.kind !== 'members') return invalidation;
  const members = invalidation.members.map(({ kind, name }) =>
    kind === 'soft' ? ({ kind: 'tag', name } as const) : { kind, name },
  );
  return { kind: 'members', members };
}
