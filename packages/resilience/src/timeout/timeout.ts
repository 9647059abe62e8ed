import { DueList, TimeoutError } from '@perf/core';
import { AbortableContext } from '../execution/abortable-context.ts';
import { BasePolicy } from '../execution/base-policy.ts';
import { CallContext } from '../execution/call-context.ts';
import { start } from '../execution/gate-policy.ts';
import type {
  ExecuteOptions,
  Execution,
  ResiliencePolicy,
} from '../execution/resilience-policy.ts';
import { timeoutSettings, type TimeoutOptions, type TimeoutSettings } from './options.ts';
import type { TimeoutEvents, TimeoutSnapshot } from './telemetry.ts';
import { RacedCall, TimedCall, type TimedCallHost } from './timed-call.ts';

/** See {@link timeout}. */
export type Timeout = ResiliencePolicy<TimeoutSnapshot, TimeoutEvents>;

/**
 * Bounds how long a call takes: after that, or at the call's own deadline if that is earlier, its `signal` aborts and the caller is
 * rejected with a `TimeoutError`. Many calls share one timer, and no `AbortController` is made unless `signal` is read.
 * @throws `ConfigError` naming the first option that is refused
 * @example
 * const bounded = timeout({ after: '2s' });
 * const page = await bounded.execute(({ signal }) => fetch(url, { signal }));
 */
export function timeout(options: TimeoutOptions): Timeout {
  return new TimeoutPolicy(timeoutSettings(options));
}

class TimeoutPolicy
  extends BasePolicy<TimeoutSnapshot, TimeoutEvents>
  implements Timeout, TimedCallHost
{
  readonly #after: number;
  readonly #races: boolean;
  readonly #due: DueList;
  #active = 0;
  #overdue = 0;
  #calls = 0;
  #timeouts = 0;

  constructor(settings: TimeoutSettings) {
    super(settings, ['timeout', 'late']);
    this.#after = settings.after;
    this.#races = settings.mode === 'race';
    this.#due = new DueList(settings.clock);
  }

  execute<T>(fn: Execution<T>, options?: ExecuteOptions): Promise<T> {
    const call = CallContext.of(options);
    try {
      call.assertWanted(this.name, this.clock);
    } catch (error) {
      return Promise.reject(error);
    }
    const now = this.clock.now();
    const due = Math.min(now + this.#after, call.deadline);
    this.#calls++;
    this.#active++;
    const context = new AbortableContext(call, due);
    return this.#races ? this.#race(fn, context, call, now) : this.#await(fn, context, now);
  }

  /** The time of a call is up. */
  expired(call: TimedCall): void {
    const limit = Math.ceil(call.due - call.started);
    const error = new TimeoutError(`a call under "${this.name}"`, limit, { stack: false });
    this.#active--;
    this.#overdue++;
    this.#timeouts++;
    call.error = error;
    // The caller first: what the function makes of the abort comes too late to be its answer.
    if (call instanceof RacedCall) call.lose(error);
    call.context.abort(error);
    const { attempt } = call.context;
    this.events.emit('timeout', { policy: this.name, timeout: limit, attempt });
  }

  /** The caller has left a call that is not over. */
  left(call: TimedCall): void {
    this.#due.remove(call);
    this.#active--;
    this.#overdue++;
  }

  snapshot(): TimeoutSnapshot {
    return {
      name: this.name,
      after: this.#after,
      active: this.#active,
      overdue: this.#overdue,
      totals: { calls: this.#calls, timeouts: this.#timeouts },
    };
  }

  #race<T>(
    fn: Execution<T>,
    context: AbortableContext,
    outer: CallContext,
    now: number,
  ): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const call = new RacedCall(this, context, outer, now, reject);
      this.#due.add(call, context.deadline, now);
      call.listen();
      start(fn, context).then(
        (value) => {
          this.#ended(call, true, value);
          if (call.win()) resolve(value);
        },
        (error: unknown) => {
          this.#ended(call, false, error);
          if (call.win()) reject(error);
        },
      );
    });
  }

  #await<T>(fn: Execution<T>, context: AbortableContext, now: number): Promise<T> {
    const call = new TimedCall(this, context, now);
    this.#due.add(call, context.deadline, now);
    return start(fn, context).then(
      (value) => {
        this.#ended(call, true, value);
        return value;
      },
      (error: unknown) => {
        this.#ended(call, false, error);
        throw call.error === undefined || call.error === error
          ? error
          : new TimeoutError(`a call under "${this.name}"`, call.error.timeout, {
              cause: error,
              stack: false,
            });
      },
    );
  }

  #ended(call: TimedCall, ok: boolean, result: unknown): void {
    call.context.release();
    if (call.isListed) {
      this.#due.remove(call);
      this.#active--;
      return;
    }
    this.#overdue--;
    if (call.error === undefined || !this.events.has('late')) return;
    const elapsed = this.clock.now() - call.started;
    this.events.emit('late', {
      policy: this.name,
      elapsed,
      ok,
      ...(ok ? {} : { error: result }),
    });
  }
}
