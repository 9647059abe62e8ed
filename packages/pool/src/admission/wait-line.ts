import { DueList, PriorityLine, type Clock } from '@perf/core';
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
  /** Told when nobody waits any longer. */
  emptied(): void;
}

/**
 * Callers that wait for their turn: the higher lane first, in the order of arrival within one. Joining, leaving and the next
 * one's turn take constant time, logarithmic where deadlines come out of order. Whoever gives up leaves at once, and no listener stays on its signal.
 */
export class WaitLine<Grant> {
  /** How many wait in the front lane. */
  exchanging = 0;
  readonly #clock: Clock;
  readonly #due: DueList;
  readonly #host: WaiterHost<Grant>;
  readonly #emptied: () => void;
  readonly #line = new PriorityLine<Waiter<Grant>>(FRONT + 1);

  constructor(options: WaitLineOptions) {
    const { clock } = options;
    this.#clock = clock;
    this.#due = new DueList(clock);
    this.#emptied = () => {
      options.emptied();
    };
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
    return this.#line.size;
  }

  /** Whether the one whose turn is next is in the front lane. */
  get isExchangeNext(): boolean {
    return this.#line.next?.lane === FRONT;
  }

  /** When the one whose turn is next came. */
  get since(): number {
    return this.#line.next?.since ?? this.#clock.now();
  }

  /**
   * @param hand makes of a grant what the promise resolves to
   * @param due by the clock; `Infinity` for no deadline
   * @param since when it came, which may be before this
   */
  wait<Handed>(
    hand: (grant: Grant) => Handed,
    lane: number,
    since: number,
    now: number,
    due: number,
    signal: AbortSignal | undefined,
  ): Promise<Handed> {
    return new Promise<Handed>((resolve, reject) => {
      const waiter = new Waiter<Grant>(this.#host, hand, since, signal, resolve, reject);
      this.#line.add(waiter, lane);
      if (lane === FRONT) this.exchanging++;
      if (due !== Infinity) this.#due.add(waiter, due, now);
      waiter.listen();
    });
  }

  /** Gives the next one its turn. @returns `false` when nobody waits */
  grant(value: Grant): boolean {
    const waiter = this.#line.next;
    if (waiter === undefined) return false;
    this.#remove(waiter);
    waiter.resolve(waiter.hand(value) as never);
    return true;
  }

  /** Sends the next one away. @returns `false` when nobody waits */
  reject(error: Error): boolean {
    const waiter = this.#line.next;
    if (waiter === undefined) return false;
    this.#remove(waiter);
    waiter.reject(error);
    return true;
  }

  /** Leaves no timer behind. Nobody may wait, or come to. */
  close(): void {
    this.#due.close();
  }

  #remove(waiter: Waiter<Grant>): void {
    this.#line.remove(waiter);
    if (waiter.lane === FRONT) this.exchanging--;
    waiter.unlisten();
    this.#due.remove(waiter);
    if (this.#line.size === 0) this.#emptied();
  }
}
