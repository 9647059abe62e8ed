import { DueList } from '@perf/core';
import { BasePolicy } from '../execution/base-policy.ts';
import { CallContext } from '../execution/call-context.ts';
import type {
  ExecuteOptions,
  Execution,
  ResiliencePolicy,
} from '../execution/resilience-policy.ts';
import { HedgeBudget } from './hedge-budget.ts';
import { HedgedCall, type HedgedCallHost } from './hedged-call.ts';
import { ObservedDelay } from './observed-delay.ts';
import { hedgeSettings, type HedgeOptions, type HedgeSettings } from './options.ts';
import type { HedgeEvents, HedgeSnapshot } from './telemetry.ts';

/** See {@link hedge}. */
export type Hedge = ResiliencePolicy<HedgeSnapshot, HedgeEvents>;

/**
 * Starts a slow call a second time and takes the answer that comes first; the signal of the other attempt aborts. For calls that may be
 * made twice, to services that are slow now and then by chance, not by overload: a budget bounds how many are. It is no retry:
 * when every attempt that has been started has failed, so has the call, with the error of the only one, or a `HedgeFailedError`.
 *
 * Source: Dean, Barroso, "The Tail at Scale", CACM 2013.
 * @throws `ConfigError` naming the first option that is refused
 * @example
 * const quick = hedge({ delay: { percentile: 0.95 } });
 * const value = await quick.execute(({ signal }) => replica.get(key, { signal }));
 */
export function hedge(options: HedgeOptions = {}): Hedge {
  return new HedgePolicy(hedgeSettings(options));
}

class HedgePolicy extends BasePolicy<HedgeSnapshot, HedgeEvents> implements Hedge, HedgedCallHost {
  readonly #maxHedges: number;
  readonly #fixed: number | undefined;
  readonly #observed: ObservedDelay | undefined;
  readonly #budget: HedgeBudget;
  readonly #due: DueList;
  #active = 0;
  #calls = 0;
  #hedges = 0;
  #won = 0;
  #denied = 0;

  constructor(settings: HedgeSettings) {
    super(settings, ['hedge', 'won']);
    const { delay } = settings;
    this.#maxHedges = settings.maxHedges;
    if (typeof delay === 'number') this.#fixed = delay;
    else this.#observed = new ObservedDelay(delay.percentile, delay.min);
    this.#budget = new HedgeBudget(settings.share, settings.burst);
    this.#due = new DueList(settings.clock);
  }

  execute<T>(fn: Execution<T>, options?: ExecuteOptions): Promise<T> {
    const call = CallContext.of(options);
    try {
      call.assertWanted(this.name, this.clock);
    } catch (error) {
      return Promise.reject(error);
    }
    this.#calls++;
    this.#active++;
    this.#budget.called();
    return new Promise<T>((resolve, reject) => {
      const now = this.clock.now();
      // What it resolves with is what `fn` does.
      const answer = resolve as (value: unknown) => void;
      const hedged = new HedgedCall(this, fn, call, now, answer, reject);
      this.#wait(hedged, now);
      hedged.attempt();
    });
  }

  overdue(call: HedgedCall): void {
    const now = this.clock.now();
    if (!call.isWanted(now)) return;
    if (!this.#budget.take()) {
      this.#denied++;
      return;
    }
    this.#hedges++;
    call.attempt();
    if (call.attempts <= this.#maxHedges) this.#wait(call, now);
    if (!this.events.has('hedge')) return;
    const attempt = call.attempts;
    this.events.emit('hedge', { policy: this.name, attempt, delay: this.#delay });
  }

  over(call: HedgedCall, attempt: number): void {
    this.#due.remove(call);
    this.#active--;
    // When another attempt was quicker, the first would have taken at least as long: enough to know that it is slow.
    if (attempt > 0) this.#observed?.record(this.clock.now() - call.started);
    if (attempt < 2) return;
    this.#won++;
    this.events.emit('won', { policy: this.name, attempt });
  }

  snapshot(): HedgeSnapshot {
    const delay = this.#delay;
    return {
      name: this.name,
      delay: delay === Infinity ? undefined : delay,
      active: this.#active,
      totals: {
        calls: this.#calls,
        hedges: this.#hedges,
        won: this.#won,
        denied: this.#denied,
      },
    };
  }

  get #delay(): number {
    return this.#fixed ?? this.#observed?.delay ?? Infinity;
  }

  #wait(call: HedgedCall, now: number): void {
    const delay = this.#delay;
    if (delay !== Infinity) this.#due.add(call, now + delay, now);
  }
}
