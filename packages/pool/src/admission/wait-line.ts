import type { Clock } from '@perf/core';
import { DueList } from './due-list.ts';
import { Waiter, type WaiterHost } from './waiter.ts';

/** The lane before all priorities: for who had its turn and lost it by no fault of its own. */
export const FRONT = 10;

/** Options of a {@link WaitLine}. */
export interface WaitLineOptions {
  readonly clock: Clock;
  /** @param waited milliseconds. @returns what the caller is rejected with */
  timedOut(waited: number): Error;
  /** Told of each one that an abort took away. */
  aborted(): void;
}

/**
 * Callers that wait for their turn: the higher lane first, in the order of arrival within one. Joining, leaving and the next
 * one's turn take constant time. Whoever gives up leaves at once, and no listener stays on its signal.
 */
export class WaitLine<Grant> {
  readonly #clock: Clock;
  readonly #due: DueList;
  readonly #host: WaiterHost<Grant>;
  readonly #first: (Waiter<Grant> | undefined)[] = [];
  readonly #last: (Waiter<Grant> | undefined)[] = [];
  /** A bit for each lane that has waiters. */
  #occupied = 0;
  #size = 0;

  constructor(options: WaitLineOptions) {
    const { clock } = options;
    this.#clock = clock;
    this.#due = new DueList(clock);
    for (let lane = 0; lane <= FRONT; lane++) {
      this.#first.push(undefined);
      this.#last.push(undefined);
    }
    this.#host = {
      expired: (waiter) => {
        this.#remove(waiter);
        waiter.reject(options.timedOut(clock.now() - waiter.since));
      },
      aborted: (waiter, reason) => {
        this.#remove(waiter);
        options.aborted();
        waiter.reject(reason);
      },
    };
  }

  /** How many wait. */
  get size(): number {
    return this.#size;
  }

  /** When the one whose turn is next came. */
  get since(): number {
    return this.#next?.since ?? this.#clock.now();
  }

  /**
   * @param due by the clock; `Infinity` for no deadline
   * @param since when it came, which may be before this
   */
  wait(
    lane: number,
    since: number,
    now: number,
    due: number,
    signal: AbortSignal | undefined,
  ): Promise<Grant> {
    return new Promise<Grant>((resolve, reject) => {
      const waiter = new Waiter<Grant>(this.#host, lane, since, signal, resolve, reject);
      const last = this.#last[lane];
      waiter.ahead = last;
      if (last === undefined) this.#first[lane] = waiter;
      else last.behind = waiter;
      this.#last[lane] = waiter;
      this.#occupied |= 1 << lane;
      this.#size++;
      if (due !== Infinity) this.#due.add(waiter, due, now);
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

  /** Sends the next one away. @returns `false` when nobody waits */
  reject(error: Error): boolean {
    const waiter = this.#next;
    if (waiter === undefined) return false;
    this.#remove(waiter);
    waiter.reject(error);
    return true;
  }

  /** Leaves no timer behind. Nobody may wait, or come to. */
  close(): void {
    this.#due.close();
  }

  get #next(): Waiter<Grant> | undefined {
    return this.#occupied === 0 ? undefined : this.#first[31 - Math.clz32(this.#occupied)];
  }

  #remove(waiter: Waiter<Grant>): void {
    const { lane, ahead, behind } = waiter;
    if (ahead === undefined) this.#first[lane] = behind;
    else ahead.behind = behind;
    if (behind === undefined) this.#last[lane] = ahead;
    else behind.ahead = ahead;
    if (ahead === undefined && behind === undefined) this.#occupied &= ~(1 << lane);
    this.#size--;
    waiter.unlisten();
    this.#due.remove(waiter);
  }
}
