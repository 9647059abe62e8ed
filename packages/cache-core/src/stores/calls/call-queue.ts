import { createDeferred, TimeoutError, type Clock, type Deferred, type Timer } from '@perf/core';

/** Options of a {@link CallQueue}. */
export interface CallQueueOptions {
  readonly clock: Clock;
  /** How many keys the calls under way may concern together; a larger call runs alone. */
  readonly capacity: number;
  /** How many calls wait at most. */
  readonly maxWaiting: number;
  /** How long a call waits at most, in milliseconds. */
  readonly maxWait: number;
}

interface Waiter {
  readonly weight: number;
  readonly since: number;
  readonly turn: Deferred<void>;
}

/**
 * Decides how many calls of a store are under way; the others wait in order. Calls that block the
 * event loop give it a turn whenever they have taken their share of one.
 */
export class CallQueue {
  readonly #options: CallQueueOptions;
  readonly #waiting = new Set<Waiter>();
  #underWay = 0;
  /** What calls have taken of this turn of the event loop; 1 is all they may. */
  #spent = 0;
  #counting = false;
  #timer: Timer | undefined;

  constructor(options: CallQueueOptions) {
    this.#options = options;
  }

  /** Whether the call may begin now; {@link leave} ends it. */
  tryEnter(weight: number): boolean {
    if (this.#waiting.size > 0 || !this.#hasRoom(weight)) return false;
    this.#underWay += weight;
    return true;
  }

  /**
   * Resolves when it is the call's turn. Rejects when too many wait already, when it has waited for too
   * long, and with the reason of {@link abandon}.
   */
  enter(weight: number): Promise<void> {
    const { clock, maxWaiting } = this.#options;
    if (this.#waiting.size >= maxWaiting) {
      return Promise.reject(new Error(`more than ${maxWaiting} calls wait already`));
    }
    const waiter = { weight, since: clock.now(), turn: createDeferred() };
    this.#waiting.add(waiter);
    this.#watch();
    return waiter.turn.promise;
  }

  /** A call that has entered is over. */
  leave(weight: number): void {
    this.#underWay -= weight;
    this.#advance();
  }

  /** A call has blocked the event loop, and so taken a share of what calls may take of one turn. */
  spend(share: number): void {
    this.#spent += share;
    if (this.#counting) return;
    this.#counting = true;
    // What was taken of a turn that is over holds nobody up in a later one.
    setImmediate(() => {
      this.#counting = false;
      this.#spent = 0;
      this.#advance();
    });
  }

  /** Rejects all that wait. */
  abandon(reason: Error): void {
    for (const { turn } of this.#waiting) turn.reject(reason);
    this.#waiting.clear();
    this.#watch();
  }

  #hasRoom(weight: number): boolean {
    const { capacity } = this.#options;
    const fits = this.#underWay + weight <= capacity || this.#underWay === 0;
    return fits && this.#spent < 1;
  }

  #advance(): void {
    for (const waiter of this.#waiting) {
      if (!this.#hasRoom(waiter.weight)) break;
      this.#waiting.delete(waiter);
      this.#underWay += waiter.weight;
      waiter.turn.resolve();
    }
    this.#watch();
  }

  /** One timer, for the one that has waited longest. */
  #watch(): void {
    const [first] = this.#waiting;
    if (first === undefined) {
      this.#timer?.cancel();
      this.#timer = undefined;
      return;
    }
    const { clock, maxWait } = this.#options;
    this.#timer ??= clock.setTimer(
      () => {
        this.#timer = undefined;
        const now = clock.now();
        for (const waiter of this.#waiting) {
          if (now - waiter.since < maxWait) break;
          this.#waiting.delete(waiter);
          waiter.turn.reject(new TimeoutError('waiting for its turn', maxWait));
        }
        this.#watch();
      },
      Math.max(1, first.since + maxWait - clock.now()),
    );
  }
}
