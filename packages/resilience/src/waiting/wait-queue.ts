import { DueList, PriorityLine, type Clock } from '@perf/core';
import type { CallContext } from '../execution/call-context.ts';
import { Waiter, type WaiterHost } from './waiter.ts';

/** The highest priority; the lowest is 0. */
const MAX_PRIORITY = 9;

/** Options of a {@link WaitQueue}. */
export interface WaitQueueOptions<Payload> {
  readonly clock: Clock;
  /** @returns the rejection of a call that waited for `timeout` milliseconds */
  timedOut(timeout: number, payload: Payload): Error;
  /** @returns the rejection of a call whose own deadline passed */
  deadlinePassed(payload: Payload): Error;
  /** Told when one left without its turn, by its time or an abort: the next may have its turn now. */
  gaveUp?(payload: Payload): void;
}

/**
 * Calls that wait for their turn: the higher priority first, in the order of arrival within one. Joining, leaving by an abort and
 * the next one's turn take constant time, logarithmic where deadlines come out of order. An aborted call leaves at once, and no
 * listener stays on its signal. Whoever owns the queue bounds it, by its {@link size}, before a call joins.
 */
export class WaitQueue<Payload, Grant> {
  readonly #options: WaitQueueOptions<Payload>;
  readonly #due: DueList;
  readonly #host: WaiterHost<Payload, Grant>;
  readonly #line = new PriorityLine<Waiter<Payload, Grant>>(MAX_PRIORITY + 1);

  constructor(options: WaitQueueOptions<Payload>) {
    this.#options = options;
    this.#due = new DueList(options.clock);
    this.#host = {
      expired: (waiter) => {
        const { payload, timeout } = waiter;
        const reason =
          timeout === Infinity
            ? this.#options.deadlinePassed(payload)
            : this.#options.timedOut(timeout, payload);
        this.#giveUp(waiter, reason);
      },
      aborted: (waiter, reason) => {
        this.#giveUp(waiter, reason);
      },
    };
  }

  /** How many wait. */
  get size(): number {
    return this.#line.size;
  }

  /** What the one whose turn is next brought along; `undefined` when nobody waits. */
  get next(): Payload | undefined {
    return this.#line.next?.payload;
  }

  /**
   * Waits for a turn.
   * @param timeout milliseconds, `Infinity` for none
   * @returns what {@link grant} hands over; rejects with the signal's reason, or with the error of the option that names why
   */
  wait(call: CallContext, payload: Payload, timeout: number): Promise<Grant> {
    return new Promise<Grant>((resolve, reject) => {
      if (call.aborted) {
        reject(call.reason);
        return;
      }
      const isBounded = timeout !== Infinity || call.deadline !== Infinity;
      const now = isBounded ? this.#options.clock.now() : 0;
      const isOwn = call.deadline <= now + timeout;
      const limit = isOwn ? Infinity : timeout;
      const waiter = new Waiter(this.#host, call, payload, limit, resolve, reject);
      this.#line.add(waiter, priorityOf(call));
      if (isBounded) this.#due.add(waiter, isOwn ? call.deadline : now + timeout, now);
      waiter.listen();
    });
  }

  /** Gives the next one its turn. @returns `false` when nobody waits */
  grant(value: Grant): boolean {
    const waiter = this.#line.next;
    if (waiter === undefined) return false;
    this.#remove(waiter);
    waiter.resolve(value);
    return true;
  }

  /** Sends all away, in order. */
  rejectAll(error: (payload: Payload) => Error): void {
    for (let waiter = this.#line.next; waiter !== undefined; waiter = this.#line.next) {
      this.#remove(waiter);
      waiter.reject(error(waiter.payload));
    }
  }

  #giveUp(waiter: Waiter<Payload, Grant>, reason: unknown): void {
    this.#remove(waiter);
    waiter.reject(reason);
    this.#options.gaveUp?.(waiter.payload);
  }

  #remove(waiter: Waiter<Payload, Grant>): void {
    this.#line.remove(waiter);
    waiter.unlisten();
    this.#due.remove(waiter);
  }
}

/** Within the bounds, whatever the caller gave. */
function priorityOf(call: CallContext): number {
  const priority = Math.trunc(call.priority);
  return priority >= 0 ? Math.min(priority, MAX_PRIORITY) : 0;
}
