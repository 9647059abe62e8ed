import { sleep } from '@perf/core';
import type { CallContext } from '../execution/call-context.ts';
import type { ResiliencePolicy } from '../execution/resilience-policy.ts';
import { reportClassifierError } from '../execution/outcome.ts';
import { RescuePolicy } from '../execution/rescue-policy.ts';
import { retrySettings, type RetryOptions, type RetrySettings } from './options.ts';
import {
  RETRY_EVENTS,
  type GiveUpReason,
  type RetryEvents,
  type RetrySnapshot,
} from './telemetry.ts';

/**
 * Tries again what failed for a reason that may pass. When there is no further try, the last outcome is the call's. An abort ends a wait at once, with
 * its reason; no try begins at or after the call's deadline.
 */
export type Retry = ResiliencePolicy<RetrySnapshot, RetryEvents>;

/**
 * @throws {@link ConfigError} for an option that is refused
 * @example
 * const policy = retry({ maxAttempts: 4, budget: retryBudget() });
 * await policy.execute(({ signal, attempt }) => load(id, { signal }));
 */
export function retry(options: RetryOptions = {}): Retry {
  return new RetryPolicy(retrySettings(options));
}

class RetryPolicy extends RescuePolicy<RetrySnapshot, RetryEvents> {
  readonly #settings: RetrySettings;
  #waiting = 0;
  #calls = 0;
  #retries = 0;
  #recovered = 0;
  readonly #gaveUp = { attempts: 0, deadline: 0, budget: 0, 'retry-after': 0 };

  constructor(settings: RetrySettings) {
    super(settings, RETRY_EVENTS);
    this.#settings = settings;
    const { budget, retryIfValue } = settings;
    if (retryIfValue === undefined) {
      this.onValue = (value) => {
        this.#calls++;
        budget?.record(true);
        return value;
      };
    }
  }

  override wants(ok: boolean, result: unknown, call: CallContext): boolean {
    this.#calls++;
    const isRetryable = this.#isRetryable(ok, result, call);
    this.#settings.budget?.record(ok && !isRetryable);
    return isRetryable;
  }

  override async rescue(
    firstOk: boolean,
    firstResult: unknown,
    firstCall: CallContext,
    again: (call: CallContext) => Promise<unknown>,
  ): Promise<unknown> {
    const nextDelay = this.#settings.delays();
    let [ok, result, call] = [firstOk, firstResult, firstCall];
    for (let attempts = 1; ; attempts++) {
      const delay = this.#delayBefore(attempts + 1, nextDelay, result, call);
      if (typeof delay === 'string') {
        this.#giveUp(delay, attempts, result);
        break;
      }
      if (ok) discard(result);
      await this.#wait(delay, call);
      this.#retries++;
      // Of the first, not of the last: any number of tries may follow each other.
      call = firstCall.next(attempts);
      try {
        result = await again(call);
        ok = true;
      } catch (error) {
        result = error;
        ok = false;
      }
      if (!this.#isRetryable(ok, result, call)) {
        if (ok) this.#recovered++;
        break;
      }
    }
    if (ok) return result;
    throw result;
  }

  snapshot(): RetrySnapshot {
    return {
      name: this.name,
      waiting: this.#waiting,
      totals: {
        calls: this.#calls,
        retries: this.#retries,
        recovered: this.#recovered,
        gaveUp: { ...this.#gaveUp },
      },
    };
  }

  #isRetryable(ok: boolean, result: unknown, call: CallContext): boolean {
    const { retryIf, retryIfValue } = this.#settings;
    try {
      if (ok) return retryIfValue?.(result) === true;
      return !call.aborted && retryIf(result);
    } catch (error) {
      reportClassifierError(error);
      return false;
    }
  }

  /** How long the other side wants us to wait, as far as it can be told. */
  #wantedBy(result: unknown): number {
    try {
      return this.#settings.retryAfter(result, this.clock) ?? 0;
    } catch (error) {
      reportClassifierError(error);
      return 0;
    }
  }

  /** @returns milliseconds, or why there is to be no further try */
  #delayBefore(
    attempt: number,
    nextDelay: () => number | undefined,
    result: unknown,
    call: CallContext,
  ): number | GiveUpReason {
    const { maxAttempts, maxRetryAfter, budget } = this.#settings;
    if (attempt > maxAttempts) return 'attempts';
    const own = nextDelay();
    if (own === undefined) return 'attempts';
    const wanted = this.#wantedBy(result);
    if (wanted > maxRetryAfter) return 'retry-after';
    // Not `Math.max`: a `NaN` of the caller's is no wish.
    const delay = wanted > own ? wanted : own;
    if (call.deadline !== Infinity && this.clock.now() + delay >= call.deadline) return 'deadline';
    if (budget !== undefined && !budget.tryWithdraw(result)) return 'budget';
    if (this.events.has('retry')) {
      this.events.emit('retry', { policy: this.name, attempt, delay, error: result });
    }
    return delay;
  }

  async #wait(delay: number, call: CallContext): Promise<void> {
    if (call.aborted) throw call.reason;
    if (delay <= 0) return;
    this.#waiting++;
    try {
      await sleep(this.clock, delay, call.cancellation);
    } finally {
      this.#waiting--;
    }
  }

  #giveUp(reason: GiveUpReason, attempts: number, error: unknown): void {
    this.#gaveUp[reason]++;
    if (this.events.has('giveUp')) {
      this.events.emit('giveUp', { policy: this.name, reason, attempts, error });
    }
  }
}

/** The body of a response that nobody reads would keep its connection. */
function discard(value: unknown): void {
  if (Object.prototype.toString.call(value) !== '[object Response]') return;
  const { body } = value as { readonly body: { cancel(): Promise<void> } | null };
  body?.cancel().catch(() => undefined);
}
