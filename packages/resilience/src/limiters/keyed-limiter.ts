import {
  Emitter,
  toMilliseconds,
  type Clock,
  type Duration,
  type Listenable,
  type Unsubscribe,
} from '@perf/core';
import { decisionOf } from './decision.ts';
import { KeyTable, OVERFLOW, SHARED } from './key-table.ts';
import type { Meter } from './meter.ts';
import { checkCost, type LimiterSettings } from './options.ts';
import type { Decision, LocalRateLimiter, TakeOptions } from './rate-limiter.ts';
import {
  fullChannel,
  LIMITER_EVENTS,
  type LimiterEvents,
  type LimiterSnapshot,
} from './telemetry.ts';
import { WaitLines } from './wait-lines.ts';

const NO_OPTIONS: TakeOptions = {};

/** A {@link LocalRateLimiter} that tells what it does. */
export interface KeyedRateLimiter extends LocalRateLimiter, Listenable<LimiterEvents> {
  /** Counters since the start, and how many keys and waits there are. */
  snapshot(): LimiterSnapshot;
}

/**
 * A meter for each key, and those who wait for them. Each kind has a class with a `tryTake` of its own, whose calls stay
 * monomorphic when several kinds are alive; what is not hot is shared.
 */
export abstract class KeyedLimiter implements KeyedRateLimiter {
  readonly name: string;
  readonly #meter: Meter;
  readonly #clock: Clock;
  readonly #precise: boolean;
  readonly #maxQueue: number;
  readonly #timeout: number;
  protected readonly table: KeyTable;
  protected readonly lines: WaitLines;
  readonly #emitter = new Emitter<LimiterEvents>(LIMITER_EVENTS);
  protected admitted = 0;
  #refused = 0;
  protected overflowed = 0;

  constructor(settings: LimiterSettings, meter: Meter) {
    const { name, clock, precise, maxKeys, maxQueue, timeout } = settings;
    this.name = name;
    this.#meter = meter;
    this.#clock = clock;
    this.#precise = precise;
    this.#maxQueue = maxQueue;
    this.#timeout = timeout;
    this.table = new KeyTable(maxKeys, meter, () => {
      const event = { limiter: name, maxKeys };
      this.#emitter.emit('full', event);
      if (fullChannel.active) fullChannel.publish(event);
    });
    this.lines = new WaitLines(clock, {
      attempt: (key, cost) => this.#attempt(key, cost),
      giveBack: () => undefined,
      refusal: (key, cost) => this.refuse(key, cost),
    });
  }

  abstract tryTake(key?: string, cost?: number): Decision;

  check(key = '', cost = 1): Decision {
    const now = this.now();
    const delay = this.#delay(key, checkCost(cost), now);
    const isWaitedFor = this.lines.has(key);
    const retryAfter = isWaitedFor ? Math.max(1, delay) : delay;
    return this.#decide(this.table.find(key), retryAfter, isWaitedFor, now);
  }

  take(key = '', options: TakeOptions = NO_OPTIONS): Promise<Decision> {
    const { cost = 1, signal } = options;
    if (signal?.aborted === true) return Promise.reject(signal.reason as Error);
    if (this.lines.size === 0 || !this.lines.has(key)) {
      const now = this.now();
      const slot = key === '' ? SHARED : this.table.slotOf(key, now);
      if (this.#meter.take(slot, cost, now)) return Promise.resolve(this.#admit(slot, now));
    }
    return this.#wait(key, cost, options);
  }

  penalize(key: string, cost: number): void {
    const now = this.now();
    this.#meter.add(this.#slotOf(key, now), checkCost(cost), now);
  }

  reward(key: string, cost: number): void {
    checkCost(cost);
    const now = this.now();
    const slot = this.#slotOf(key, now);
    // What others share is not given back for one of them.
    if (slot !== OVERFLOW) this.#meter.add(slot, -cost, now);
    this.lines.wake(key);
  }

  block(key: string, duration: Duration): boolean {
    const span = toMilliseconds('duration', duration, { infinite: true });
    const now = this.now();
    const slot = this.#slotOf(key, now);
    if (slot === OVERFLOW) return false;
    this.#meter.block(slot, span, now);
    return true;
  }

  reset(key: string): void {
    const slot = this.table.find(key);
    if (slot !== OVERFLOW) this.#meter.clear(slot);
    this.lines.wake(key);
  }

  snapshot(): LimiterSnapshot {
    return {
      name: this.name,
      keys: this.table.size,
      waiting: this.lines.size,
      admitted: this.admitted,
      refused: this.#refused,
      aborted: this.lines.abortions,
      overflowed: this.overflowed,
    };
  }

  on<Event extends keyof LimiterEvents>(
    event: Event,
    listener: (payload: LimiterEvents[Event]) => void,
  ): Unsubscribe {
    return this.#emitter.on(event, listener);
  }

  protected now(): number {
    return this.#precise ? this.#clock.now() : this.#clock.coarse();
  }

  #slotOf(key: string, now: number): number {
    return key === '' ? SHARED : this.table.slotOf(key, now);
  }

  #wait(key: string, cost: number, { timeout, signal }: TakeOptions): Promise<Decision> {
    try {
      checkCost(cost);
      const longest =
        timeout === undefined
          ? this.#timeout
          : toMilliseconds('timeout', timeout, { min: 0, infinite: true });
      const refusal = this.refuse(key, cost);
      const { retryAfter } = refusal;
      const isTooLong = longest === 0 || retryAfter > longest || retryAfter === Infinity;
      if (isTooLong || this.lines.size >= this.#maxQueue) return Promise.resolve(refusal);
      this.#refused--;
      return this.lines.join(key, cost, refusal, longest, signal);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** For the first one of a line. */
  #attempt(key: string, cost: number): Decision {
    const now = this.now();
    const slot = this.#slotOf(key, now);
    if (this.#meter.take(slot, cost, now)) return this.#admit(slot, now);
    return this.#decide(slot, this.#meter.delay(slot, cost, 0, now), false, now);
  }

  #admit(slot: number, now: number): Decision {
    this.admitted++;
    if (slot === OVERFLOW) this.overflowed++;
    return this.#meter.admission(slot, now);
  }

  protected refuse(key: string, cost: number): Decision {
    const now = this.now();
    const delay = this.#delay(key, checkCost(cost), now);
    const slot = this.table.find(key);
    this.#refused++;
    if (slot === OVERFLOW) this.overflowed++;
    return this.#decide(slot, Math.max(1, delay), this.lines.has(key), now);
  }

  #delay(key: string, cost: number, now: number): number {
    return this.#meter.delay(this.table.find(key), cost, this.lines.ahead(key), now);
  }

  #decide(slot: number, retryAfter: number, isWaitedFor: boolean, now: number): Decision {
    const { limit } = this.#meter;
    const remaining = isWaitedFor
      ? 0
      : Math.max(0, Math.floor(limit - this.#meter.used(slot, now)));
    const resetAfter = this.#meter.idleAfter(slot, now);
    return decisionOf(retryAfter === 0, limit, remaining, retryAfter, resetAfter);
  }
}
