import type { Clock } from '@perf/core';
import type { Decision } from '../limiters/rate-limiter.ts';
import { decisionAt, delayAt, type Decider } from './deciding.ts';
import { Lease, type Refill } from './lease.ts';
import type { RedisRateLimiterSettings } from './options.ts';
import type { RedisLink } from './redis-link.ts';
import { StrictDecider } from './strict-decider.ts';

/** A lease lasts for so many intervals. */
const VALIDITY = 2;
/** How many leases a new one looks at for one that is of no use any more. */
const SWEPT = 2;
const SWEPT_WHEN_FULL = 64;

/**
 * Takes from Redis what a process will need in the next interval, and admits by itself from that. One refill of a key is
 * on its way at a time; who comes meanwhile waits for it. Where Redis had less than was asked for, it is not asked again
 * before an interval has passed.
 */
export class LeaseDecider implements Decider {
  readonly #settings: RedisRateLimiterSettings;
  readonly #link: RedisLink;
  readonly #clock: Clock;
  readonly #strict: StrictDecider;
  readonly #onFull: () => void;
  readonly #leases = new Map<string, Lease>();
  /** The most that one lease holds. */
  readonly #most: number;
  #isFull = false;

  constructor(settings: RedisRateLimiterSettings, link: RedisLink, onFull: () => void) {
    this.#settings = settings;
    this.#link = link;
    this.#clock = settings.clock;
    this.#strict = new StrictDecider(link, settings.rate);
    this.#onFull = onFull;
    this.#most = Math.max(1, Math.floor(settings.rate.rate * settings.leaseInterval));
  }

  get keys(): number {
    return this.#leases.size;
  }

  decide(key: string, cost: number): Decision | Promise<Decision | undefined> | undefined {
    const now = this.#clock.coarse();
    const lease = this.#leases.get(key) ?? this.#open(key, now);
    if (lease === undefined) return this.#strict.decide(key, cost);
    return this.#tryLocally(lease, cost, now) ?? this.#refilled(key, lease, cost);
  }

  check(key: string, cost: number): Promise<Decision | undefined> | undefined {
    const lease = this.#leases.get(key);
    return this.#link.ask(key, 'check', 0, 0)?.then((reply) => {
      if (reply === undefined) return undefined;
      const { rate } = this.#settings;
      const now = this.#clock.coarse();
      const used = Math.max(0, reply.used - this.#held(lease, now));
      const delay = used + cost <= rate.burst ? 0 : delayAt(rate, used, cost);
      // Newer than what was known here: who comes after the delay is let through to Redis.
      if (lease !== undefined) lease.deniedUntil = Math.min(lease.deniedUntil, now + delay);
      return decisionAt(rate, used, delay);
    });
  }

  /** To Redis: what is held here may be void before anybody wants it. */
  giveBack(key: string, cost: number): void {
    this.#strict.giveBack(key, cost);
  }

  forget(key: string): void {
    const lease = this.#leases.get(key);
    if (lease === undefined) return;
    lease.tokens = 0;
    lease.deniedUntil = 0;
  }

  relax(key: string): void {
    const lease = this.#leases.get(key);
    if (lease !== undefined) lease.deniedUntil = 0;
  }

  /** @returns `undefined` when Redis has to be asked */
  #tryLocally(lease: Lease, cost: number, now: number): Decision | undefined {
    const { rate } = this.#settings;
    if (cost === 0 || (lease.tokens >= cost && now < lease.expires)) {
      lease.spend(cost);
      return decisionAt(rate, this.#usedNow(lease, now), 0);
    }
    if (now < lease.deniedUntil && cost >= lease.deniedCost) {
      const delay = Math.max(1, Math.ceil(lease.deniedUntil - now));
      return decisionAt(rate, this.#usedNow(lease, now), delay);
    }
    return undefined;
  }

  /** Those who wait are served in the order in which they came, each after the refill that it needs. */
  async #refilled(key: string, lease: Lease, cost: number): Promise<Decision | undefined> {
    const due = this.#clock.now() + this.#settings.deadline;
    for (;;) {
      const isFirst = lease.refill === undefined;
      lease.awaited += cost;
      lease.refill ??= this.#refill(key, lease, cost, due);
      const outcome = await lease.refill;
      lease.awaited -= cost;
      if (outcome === 'unanswered') return undefined;
      const now = this.#clock.coarse();
      if (isFirst && outcome === 'granted') {
        // Taken for it, however long the answer took.
        lease.spend(cost);
        return decisionAt(this.#settings.rate, this.#usedNow(lease, now), 0);
      }
      const decision = this.#tryLocally(lease, cost, now);
      if (decision !== undefined) return decision;
      if (this.#clock.now() >= due) return undefined;
    }
  }

  async #refill(key: string, lease: Lease, cost: number, due: number): Promise<Refill> {
    const { rate, leaseInterval } = this.#settings;
    const validity = leaseInterval * VALIDITY;
    const asked = this.#clock.now();
    lease.adapt(asked, leaseInterval, validity, this.#most);
    // Those who come in the same turn of the loop are asked for, too.
    await Promise.resolve();
    const held = this.#held(lease, asked);
    const need = cost - held;
    // Kept for the first one: others who come meanwhile wait.
    lease.tokens = 0;
    const want = Math.max(need, Math.min(this.#most, Math.max(lease.want, lease.awaited) - held));
    try {
      const reply = await this.#link.ask(key, 'take', need, want, due);
      if (reply === undefined || reply.taken === 0) lease.tokens = held;
      if (reply === undefined) return 'unanswered';
      const { taken, used } = reply;
      const now = this.#clock.now();
      lease.used = used;
      lease.usedAt = now;
      lease.deniedUntil = 0;
      if (taken > 0) lease.grant(held + taken, now, validity);
      if (taken < want) {
        // What comes back until then is worth a round trip.
        const pause = Math.min(leaseInterval, (want - taken) / rate.rate);
        lease.deniedUntil = now + (taken > 0 ? pause : Math.max(pause, delayAt(rate, used, need)));
        lease.deniedCost = taken > 0 ? 0 : cost;
      }
      return taken > 0 ? 'granted' : 'refused';
    } finally {
      lease.refill = undefined;
    }
  }

  #held(lease: Lease | undefined, now: number): number {
    return lease !== undefined && now < lease.expires ? lease.tokens : 0;
  }

  /** As far as is known here: what is held counts in Redis, but not for those who ask here. */
  #usedNow(lease: Lease, now: number): number {
    const paid = Math.max(0, now - lease.usedAt) * this.#settings.rate.rate;
    return Math.max(0, lease.used - paid - this.#held(lease, now));
  }

  #open(key: string, now: number): Lease | undefined {
    this.#sweep(SWEPT, now);
    const { maxKeys } = this.#settings;
    if (this.#leases.size >= maxKeys) this.#sweep(SWEPT_WHEN_FULL, now);
    if (this.#leases.size >= maxKeys) {
      if (!this.#isFull) this.#onFull();
      this.#isFull = true;
      return undefined;
    }
    this.#isFull = false;
    const lease = new Lease();
    this.#leases.set(key, lease);
    return lease;
  }

  /** The oldest first; one that is of use yet becomes the newest. */
  #sweep(count: number, now: number): void {
    let left = Math.min(count, this.#leases.size);
    for (const [key, lease] of this.#leases) {
      if (left-- === 0) return;
      this.#leases.delete(key);
      if (!lease.isIdle(now)) this.#leases.set(key, lease);
    }
  }
}
