import {
  abortable,
  Lifecycle,
  ClosedError,
  toMilliseconds,
  type Closeable,
  type Duration,
  type Listenable,
  type Unsubscribe,
} from '@perf/core';
import { LimiterUnavailableError } from '../errors.ts';
import { decisionOf } from '../limiters/decision.ts';
import { checkCost } from '../limiters/options.ts';
import type { AdjustableRateLimiter, Decision, TakeOptions } from '../limiters/rate-limiter.ts';
import { WaitLines } from '../limiters/wait-lines.ts';
import type { Decider } from './deciding.ts';
import { Fallback } from './fallback.ts';
import { LeaseDecider } from './lease-decider.ts';
import { LimiterNews } from './limiter-news.ts';
import { FOR_GOOD, type Step } from './limit-script.ts';
import {
  resolveOptions,
  type RedisRateLimiterOptions,
  type RedisRateLimiterSettings,
} from './options.ts';
import { RedisLink } from './redis-link.ts';
import { StrictDecider } from './strict-decider.ts';
import type { RedisLimiterEvents, RedisLimiterSnapshot } from './telemetry.ts';

/** A limit that several processes share. */
export interface RedisRateLimiter
  extends AdjustableRateLimiter, Listenable<RedisLimiterEvents>, Closeable {
  check(key?: string, cost?: number): Promise<Decision>;
  /** Rejects with `LimiterUnavailableError` when Redis does not answer in time, as do the three below. */
  penalize(key: string, cost: number): Promise<void>;
  reward(key: string, cost: number): Promise<void>;
  block(key: string, duration: Duration): Promise<boolean>;
  reset(key: string): Promise<void>;
  snapshot(): RedisLimiterSnapshot;
}

class Limiter implements RedisRateLimiter {
  readonly name: string;
  readonly #settings: RedisRateLimiterSettings;
  readonly #news: LimiterNews;
  readonly #link: RedisLink;
  readonly #decider: Decider;
  readonly #fallback: Fallback;
  readonly #lines: WaitLines;
  readonly #lifecycle: Lifecycle;
  #admitted = 0;
  #refused = 0;
  #aborted = 0;
  #withoutRedis = 0;

  constructor(settings: RedisRateLimiterSettings) {
    const { name, clock, mode, rate } = settings;
    this.name = name;
    this.#settings = settings;
    this.#news = new LimiterNews(settings);
    this.#link = new RedisLink(settings, this.#news);
    this.#decider =
      mode === 'strict'
        ? new StrictDecider(this.#link, rate)
        : new LeaseDecider(settings, this.#link, () => {
            this.#news.onFull();
          });
    this.#fallback = new Fallback(settings);
    this.#lines = new WaitLines(clock, {
      attempt: (key, cost) => this.#decide(key, cost),
      giveBack: (key, cost) => {
        this.#giveBack(key, cost);
      },
      refusal: (_, __, last) => last,
    });
    this.#lifecycle = new Lifecycle(`rate limiter "${name}"`, () => {
      this.#lines.rejectAll(new ClosedError(`rate limiter "${name}"`));
    });
  }

  take(key = '', options: TakeOptions = {}): Promise<Decision> {
    const { cost = 1, signal } = options;
    if (!this.#lifecycle.isOpen)
      return Promise.reject(new ClosedError(`rate limiter "${this.name}"`));
    if (signal?.aborted === true) return Promise.reject(signal.reason as Error);
    const reason = this.#lines.reason(key);
    try {
      if (reason !== undefined) return this.#wait(key, checkCost(cost), options, reason, 0);
      const answer = this.#decide(key, cost);
      if (answer instanceof Promise) return this.#awaited(key, cost, options, answer);
      if (answer.admitted) return Promise.resolve(this.#count(answer));
      return this.#wait(key, cost, options, answer, 0);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  async check(key = '', cost = 1): Promise<Decision> {
    this.#lifecycle.assertOpen();
    checkCost(cost);
    const decision = (await this.#decider.check(key, cost)) ?? this.#fallback.check(key, cost);
    const { limit, remaining, retryAfter, resetAfter } = decision;
    if (cost > limit) return decisionOf(false, limit, remaining, Infinity, resetAfter);
    const ahead = this.#lines.ahead(key);
    if (ahead === 0) return decision;
    const delay = Math.max(1, retryAfter) + this.#paying(ahead);
    return decisionOf(false, limit, 0, delay, resetAfter);
  }

  async penalize(key: string, cost: number): Promise<void> {
    await this.#adjust(key, 'add', checkCost(cost));
    this.#decider.forget(key);
  }

  async reward(key: string, cost: number): Promise<void> {
    await this.#adjust(key, 'add', -checkCost(cost));
    this.#decider.relax(key);
    this.#lines.wake(key);
  }

  async block(key: string, duration: Duration): Promise<boolean> {
    const span = toMilliseconds('duration', duration, { infinite: true });
    const cost = span === Infinity ? FOR_GOOD : span * this.#settings.rate.rate;
    await this.#adjust(key, 'block', cost);
    this.#decider.forget(key);
    return true;
  }

  async reset(key: string): Promise<void> {
    await this.#adjust(key, 'reset', 0);
    this.#decider.forget(key);
    this.#lines.wake(key);
  }

  snapshot(): RedisLimiterSnapshot {
    return {
      name: this.name,
      mode: this.#link.isUp ? 'redis' : this.#settings.failMode,
      keys: this.#decider.keys,
      waiting: this.#lines.size,
      admitted: this.#admitted,
      refused: this.#refused,
      aborted: this.#aborted + this.#lines.abortions,
      withoutRedis: this.#withoutRedis,
      steps: this.#link.steps,
    };
  }

  on<Event extends keyof RedisLimiterEvents>(
    event: Event,
    listener: (payload: RedisLimiterEvents[Event]) => void,
  ): Unsubscribe {
    return this.#news.on(event, listener);
  }

  close(): Promise<void> {
    return this.#lifecycle.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** @throws `ConfigError` when the cost makes no sense */
  #decide(key: string, cost: number): Decision | Promise<Decision> {
    if (!(cost >= 0 && cost <= this.#settings.rate.burst)) {
      checkCost(cost);
      return this.check(key, cost);
    }
    const answer = this.#decider.decide(key, cost);
    if (answer === undefined) return this.#withoutIt(key, cost);
    if (!(answer instanceof Promise)) return this.#noted(answer, key, cost);
    return answer.then((decision) =>
      decision === undefined ? this.#withoutIt(key, cost) : this.#noted(decision, key, cost),
    );
  }

  #noted(decision: Decision, key: string, cost: number): Decision {
    if (decision.admitted) this.#fallback.note(key, cost);
    return decision;
  }

  #withoutIt(key: string, cost: number): Decision {
    this.#withoutRedis++;
    return this.#fallback.decide(key, cost);
  }

  async #awaited(
    key: string,
    cost: number,
    options: TakeOptions,
    answer: Promise<Decision>,
  ): Promise<Decision> {
    const { clock } = this.#settings;
    const { signal } = options;
    const asked = clock.now();
    let decision: Decision;
    try {
      decision = await abortable(answer, signal);
    } catch (error) {
      this.#aborted++;
      void answer.then(({ admitted }) => {
        if (admitted) this.#giveBack(key, cost);
      });
      throw error;
    }
    if (decision.admitted) return this.#count(decision);
    return this.#wait(key, cost, options, decision, clock.now() - asked);
  }

  /** @param waited milliseconds that the caller has waited already */
  async #wait(
    key: string,
    cost: number,
    { timeout, signal }: TakeOptions,
    refusal: Decision,
    waited: number,
  ): Promise<Decision> {
    const { rate, maxQueue } = this.#settings;
    if (signal?.aborted === true) {
      this.#aborted++;
      throw signal.reason;
    }
    const longest =
      timeout === undefined
        ? this.#settings.timeout
        : toMilliseconds('timeout', timeout, { min: 0, infinite: true });
    const left = longest - waited;
    const delay = refusal.retryAfter + this.#paying(this.#lines.ahead(key));
    const isNever = delay === Infinity || cost > rate.burst;
    if (isNever || left <= 0 || delay > left || this.#lines.size >= maxQueue) {
      const retryAfter = cost > rate.burst ? Infinity : delay;
      const remaining = this.#lines.has(key) ? 0 : refusal.remaining;
      return this.#count(decisionOf(false, rate.burst, remaining, retryAfter, refusal.resetAfter));
    }
    return this.#count(await this.#lines.join(key, cost, refusal, left, signal));
  }

  /** Milliseconds until so much has come back. */
  #paying(cost: number): number {
    return Math.ceil(cost / this.#settings.rate.rate);
  }

  #count(decision: Decision): Decision {
    if (decision.admitted) this.#admitted++;
    else this.#refused++;
    return decision;
  }

  #giveBack(key: string, cost: number): void {
    if (this.#link.isUp) this.#decider.giveBack(key, cost);
    else this.#fallback.giveBack(key, cost);
  }

  async #adjust(key: string, step: Step, cost: number): Promise<void> {
    this.#lifecycle.assertOpen();
    const reply = await this.#link.ask(key, step, cost, 0);
    if (reply !== undefined) return;
    throw new LimiterUnavailableError(this.name, this.#settings.client.status);
  }
}

/**
 * A token bucket in Redis that several processes share, by Redis's own clock. No decision takes longer than `deadline`:
 * without an answer by then `failMode` decides, at once from then on, until Redis answers again; the `mode` event tells.
 * In any time `W` all processes together admit at most `burst + rate · W`; with `mode: 'lease'` at most
 * `rate · (2 · leaseInterval + a round trip)` more; with `failMode: 'local'`, while Redis does not answer, each process at most
 * `localShare` of that for itself, with what Redis admitted to it before.
 * @throws ConfigError naming the option that is not right
 */
export function redisRateLimiter(options: RedisRateLimiterOptions): RedisRateLimiter {
  return new Limiter(resolveOptions(options));
}
