import type { Clock } from '@perf/core';
import type { CallContext } from '../execution/call-context.ts';
import { DueList } from './due-list.ts';
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
  /** First and last of each priority. */
  readonly #first: (Waiter<Payload, Grant> | undefined)[] = [];
  readonly #last: (Waiter<Payload, Grant> | undefined)[] = [];
  /** A bit for each priority that has waiters. */
  #occupied = 0;
  #size = 0;

  constructor(options: WaitQueueOptions<Payload>) {
    this.#options = options;
    this.#due = new DueList(options.clock);
    for (let priority = 0; priority <= MAX_PRIORITY; priority++) {
      this.#first.push(undefined);
      this.#last.push(undefined);
    }
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
    return this.#size;
  }

  /** What the one whose turn is next brought along; `undefined` when nobody waits. */
  get next(): Payload | undefined {
    return this.#next?.payload;
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
      const waiter = new Waiter(
        this.#host,
        call,
        payload,
        priorityOf(call),
        limit,
        resolve,
        reject,
      );
      this.#append(waiter);
      if (isBounded) this.#due.add(waiter, isOwn ? call.deadline : now + timeout, now);
      waiter.listen();
    });
  }

  /** Gives the next one its turn. @returns `false` when nobody waits */
  grant(value: Grant): boolean {
    const waiter = this.#next;
    if (waiter === undefined) return false;
    this.#remove(waiter);
    waiter.resolve(value);
    return true;
  }

  /** Sends all away, in order. */
  rejectAll(error: (payload: Payload) => Error): void {
    for (let waiter = this.#next; waiter !== undefined; waiter = this.#next) {
      this.#remove(waiter);
      waiter.reject(error(waiter.payload));
    }
  }

  get #next(): Waiter<Payload, Grant> | undefined {
    return this.#occupied === 0 ? undefined : this.#first[31 - Math.clz32(this.#occupied)];
  }

  #giveUp(waiter: Waiter<Payload, Grant>, reason: unknown): void {
    this.#remove(waiter);
    waiter.reject(reason);
    this.#options.gaveUp?.(waiter.payload);
  }

  #append(waiter: Waiter<Payload, Grant>): void {
    const { priority } = waiter;
    const last = this.#last[priority];
    waiter.ahead = last;
    if (last === undefined) this.#first[priority] = waiter;
    else last.behind = waiter;
    this.#last[priority] = waiter;
    this.#occupied |= 1 << priority;
    this.#size++;
  }

  #remove(waiter: Waiter<Payload, Grant>): void {
    const { priority, ahead, behind } = waiter;
    if (ahead === undefined) this.#first[priority] = behind;
    else ahead.behind = behind;
    if (behind === undefined) this.#last[priority] = ahead;
    else behind.ahead = ahead;
    if (ahead === undefined && behind === undefined) this.#occupied &= ~(1 << priority);
    // A waiter that has grown old would else keep all who came after it from the garbage collector's quick rounds.
    waiter.ahead = undefined;
    waiter.behind = undefined;
    this.#size--;
    waiter.unlisten();
    this.#due.remove(waiter);
  }
}

/** Within the bounds, whatever the caller gave. */
function priorityOf(call: CallContext): number {
  const priority = Math.trunc(call.priority);
  return priority >= 0 ? Math.min(priority, MAX_PRIORITY) : 0;
}
