import { ConfigError, type Clock } from '@perf/core';
import { PoolAcquireTimeoutError, PoolClosedError, PoolQueueFullError } from '../errors.ts';
import type { PoolSituation } from '../errors.ts';
import { TimingWindow } from '../statistics/timing-window.ts';
import type { AcquireOptions } from './acquire-options.ts';
import { FRONT, WaitLine } from './wait-line.ts';

const DEFAULT_PRIORITY = 5;

/** What a pool hands out, as its admission sees it. */
export interface Supply<Grant> {
  /** Something that is ready now, which is then out; `undefined` when there is nothing. Must not throw. */
  take(): Grant | undefined;
  /** Told, often, that `count` callers could have their turn. @returns whether something has become ready by that */
  wanted(count: number): boolean;
  /** Told when nobody waits any longer. */
  unwanted?(): void;
  /** Why there is nothing, for the error of who waited in vain. */
  trouble(): unknown;
}

/** Options of an {@link Admission}. */
export interface AdmissionOptions {
  readonly name: string;
  readonly clock: Clock;
  /** How many may be out at once. */
  readonly limit: number;
  readonly maxQueue: number;
  /** Milliseconds; `Infinity` for none. */
  readonly acquireTimeout: number;
}

/**
 * Who may have one of what a pool hands out, and who waits. It knows neither what that is nor where it comes from: a driver's
 * pool grants mere permits, an object pool its objects.
 */
export class Admission<Grant> {
  readonly acquireTimes: TimingWindow;
  acquired = 0;
  /** How many are out. */
  active = 0;
  timeouts = 0;
  rejected = 0;
  aborted = 0;
  readonly #options: AdmissionOptions;
  readonly #supply: Supply<Grant>;
  readonly #line: WaitLine<Grant>;
  #limit: number;
  /** The limit; below 0 when the pool is closed. */
  #openLimit: number;
  #onIdle: (() => void)[] = [];

  constructor(options: AdmissionOptions, supply: Supply<Grant>) {
    const { clock, limit } = options;
    this.#options = options;
    this.#supply = supply;
    this.#limit = limit;
    this.#openLimit = limit;
    this.acquireTimes = new TimingWindow(clock);
    this.#line = new WaitLine({
      clock,
      timedOut: (waited) => this.#timedOut(waited),
      aborted: () => {
        this.aborted++;
      },
      emptied: () => {
        supply.unwanted?.();
      },
    });
  }

  get limit(): number {
    return this.#limit;
  }

  /** Those that are back; one that is exchanged is not. */
  get released(): number {
    return this.acquired - this.active - this.#line.exchanging;
  }

  get waiting(): number {
    return this.#line.size;
  }

  get isClosed(): boolean {
    return this.#openLimit < 0;
  }

  get situation(): PoolSituation {
    const { active, waiting, limit } = this;
    return { pool: this.#options.name, limit, active, waiting };
  }

  /** At once or not at all, and never before one who waits; `undefined` also when the pool is closed. */
  takeReady(): Grant | undefined {
    if (this.active >= this.#openLimit || this.#line.size > 0) return undefined;
    const grant = this.#supply.take();
    if (grant !== undefined) {
      this.active++;
      this.acquired++;
      this.acquireTimes.addZero();
    }
    return grant;
  }

  /** As {@link takeReady}. @throws {@link PoolClosedError} */
  tryAcquire(): Grant | undefined {
    const grant = this.takeReady();
    if (grant === undefined && this.isClosed) {
      this.rejected++;
      throw new PoolClosedError(this.#options.name);
    }
    return grant;
  }

  /** As {@link tryAcquire}, or else at its turn. Rejects with an error of `errors.ts`, or with the signal's reason. */
  acquire(options: AcquireOptions = {}): Promise<Grant> {
    return this.handOver(options, itself);
  }

  /** As {@link acquire}; resolves to what `hand` makes of the grant, in the moment of the grant. @param hand must not throw */
  handOver<Handed>(options: AcquireOptions, hand: (grant: Grant) => Handed): Promise<Handed> {
    try {
      if (options.signal?.aborted === true) {
        this.aborted++;
        throw options.signal.reason;
      }
      const ready = this.tryAcquire();
      return ready === undefined ? this.#join(options, hand) : Promise.resolve(hand(ready));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  #join<Handed>(options: AcquireOptions, hand: (grant: Grant) => Handed): Promise<Handed> {
    const { clock, maxQueue } = this.#options;
    if (this.#line.size >= maxQueue) {
      this.rejected++;
      throw new PoolQueueFullError(this.situation, maxQueue);
    }
    const now = clock.now();
    const due = this.dueOf(options, now);
    return this.#wait(hand, laneOf(options.priority), now, now, due, options.signal);
  }

  /** When a call that begins at `now` is over, by the clock. */
  dueOf({ timeout, deadline = Infinity }: AcquireOptions, now: number): number {
    const due = Math.min(deadline, now + (timeout ?? this.#options.acquireTimeout));
    // A timer for NaN would fire without end.
    if (!Number.isNaN(due)) return due;
    const option = Number.isNaN(deadline) ? 'deadline' : 'timeout';
    throw new ConfigError(option, option === 'timeout' ? timeout : deadline, 'milliseconds');
  }

  /**
   * Another one for who was handed one that is unfit, and is back by this: before all others, and neither counted against the
   * queue's bound nor as acquired once more. Rejects as {@link acquire}; the first one is then released.
   */
  exchange(since: number, due: number, signal: AbortSignal | undefined): Promise<Grant> {
    let turn: Promise<Grant>;
    if (this.isClosed) {
      this.rejected++;
      turn = Promise.reject(new PoolClosedError(this.#options.name));
    } else {
      turn = this.#wait(itself, FRONT, since, this.#options.clock.now(), due, signal);
    }
    this.release();
    return turn;
  }

  /** One that was out is so no longer. */
  release(): void {
    this.active--;
    if (this.#line.size > 0) this.pump();
    else if (this.active === 0 && this.isClosed) this.#tellIdle();
  }

  /** Takes effect at once for who waits; what is out stays out. */
  setLimit(limit: number): void {
    this.#limit = limit;
    if (!this.isClosed) this.#openLimit = limit;
    this.pump();
  }

  /** Hands out whatever is ready: to be called when something has become so. */
  pump(): void {
    while (this.#line.size > 0 && this.active < this.#limit) {
      const grant = this.#supply.take();
      if (grant === undefined) {
        if (!this.#supply.wanted(Math.min(this.#line.size, this.#limit - this.active))) return;
        continue;
      }
      this.active++;
      if (!this.#line.isExchangeNext) {
        this.acquired++;
        this.#time(this.#line.since);
      }
      this.#line.grant(grant);
    }
  }

  /** Sends the one whose turn is next away. @returns `false` when nobody waits */
  rejectNext(error: Error): boolean {
    return this.#line.reject(error);
  }

  /** Lets nobody in any more, and sends away who waits. Idempotent. */
  close(): void {
    this.#openLimit = -1;
    while (this.#line.reject(new PoolClosedError(this.#options.name))) this.rejected++;
    this.#line.close();
  }

  /** Resolves when nothing is out, after {@link close}. */
  idle(): Promise<void> {
    if (this.active === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#onIdle.push(resolve);
    });
  }

  #wait<Handed>(
    hand: (grant: Grant) => Handed,
    lane: number,
    since: number,
    now: number,
    due: number,
    signal: AbortSignal | undefined,
  ): Promise<Handed> {
    if (due <= now) return Promise.reject(this.#timedOut(now - since));
    const turn = this.#line.wait(hand, lane, since, now, due, signal);
    this.pump();
    return turn;
  }

  /** A wait that ends in the turn of the event loop in which it began is none, and costs no reading of the clock. */
  #time(since: number): void {
    const { clock } = this.#options;
    if (clock.coarse() <= since) this.acquireTimes.addZero();
    else this.acquireTimes.add(clock.now() - since);
  }

  #timedOut(waited: number): PoolAcquireTimeoutError {
    this.timeouts++;
    const cause = this.#supply.trouble();
    return new PoolAcquireTimeoutError(
      this.situation,
      waited,
      cause === undefined ? {} : { cause },
    );
  }

  #tellIdle(): void {
    const listeners = this.#onIdle;
    this.#onIdle = [];
    for (const listener of listeners) listener();
  }
}

function itself<Grant>(grant: Grant): Grant {
  return grant;
}

/** Within the bounds, whatever the caller gave. */
function laneOf(priority = DEFAULT_PRIORITY): number {
  const whole = Math.trunc(priority);
  return whole >= 0 ? Math.min(whole, FRONT - 1) : 0;
}
