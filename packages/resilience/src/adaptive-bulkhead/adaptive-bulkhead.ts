import { BulkheadFullError, DeadlineExceededError } from '../errors.ts';
import type { CallContext } from '../execution/call-context.ts';
import { GatePolicy } from '../execution/gate-policy.ts';
import { isTimeout, reportClassifierError } from '../execution/outcome.ts';
import type { ResiliencePolicy, Result } from '../execution/resilience-policy.ts';
import type { Entry } from '../execution/stage.ts';
import { WaitQueue } from '../waiting/wait-queue.ts';
import {
  adaptiveBulkheadSettings,
  type AdaptiveBulkheadOptions,
  type AdaptiveBulkheadSettings,
} from './options.ts';
import { SampleWindow } from './sample-window.ts';
import {
  limitChannel,
  type AdaptiveBulkheadEvents,
  type AdaptiveBulkheadSnapshot,
} from './telemetry.ts';

/** See {@link adaptiveBulkhead}. */
export type AdaptiveBulkhead = ResiliencePolicy<AdaptiveBulkheadSnapshot, AdaptiveBulkheadEvents>;

/**
 * A bulkhead that finds out by itself how many calls may run at once: as many as what is called can work on, and few more. Under overload
 * it refuses what is too much, with a `BulkheadFullError`, instead of letting all calls become slow.
 * @throws `ConfigError` naming the first option that is refused
 * @example
 * const limit = adaptiveBulkhead({ algorithm: vegas({ maxLimit: 200 }) });
 * const rows = await limit.execute(() => database.query(text));
 */
export function adaptiveBulkhead(options: AdaptiveBulkheadOptions = {}): AdaptiveBulkhead {
  return new AdaptiveBulkheadPolicy(adaptiveBulkheadSettings(options));
}

/** A permit is the time at which the call began to run. */
class AdaptiveBulkheadPolicy
  extends GatePolicy<AdaptiveBulkheadSnapshot, AdaptiveBulkheadEvents>
  implements AdaptiveBulkhead
{
  readonly #settings: AdaptiveBulkheadSettings;
  readonly #window: SampleWindow;
  readonly #queue: WaitQueue<CallContext, number>;
  #limit: number;
  #active = 0;
  #calls = 0;
  #refused = 0;
  #overloaded = 0;

  constructor(settings: AdaptiveBulkheadSettings) {
    super(settings, ['limit', 'refused']);
    this.#settings = settings;
    this.#limit = settings.algorithm.limit;
    this.#window = new SampleWindow(settings.sampleTime);
    this.#queue = new WaitQueue({
      clock: settings.clock,
      timedOut: (timeout, call) => this.#refusal(call, timeout),
      deadlinePassed: (call) => {
        this.#countRefused(call);
        return new DeadlineExceededError(this.name);
      },
    });
  }

  override enter(call: CallContext): Entry {
    this.#calls++;
    if (this.#active < this.#limit) {
      this.#active++;
      return this.clock.now();
    }
    if (this.#queue.size >= this.#settings.maxQueue) return this.#refusal(call, 0);
    return this.#queue.wait(call, call, this.#settings.queueTimeout);
  }

  override leave(permit: number, ok: boolean, result: unknown, call: CallContext): void {
    const now = this.clock.now();
    this.#observe(now - permit, ok, result, call, now);
    this.#active--;
    while (this.#active < this.#limit && this.#queue.grant(now)) this.#active++;
  }

  override snapshot(): AdaptiveBulkheadSnapshot {
    return {
      name: this.name,
      limit: this.#limit,
      active: this.#active,
      waiting: this.#queue.size,
      totals: {
        calls: this.#calls,
        refused: this.#refused,
        overloaded: this.#overloaded,
      },
    };
  }

  #observe(time: number, ok: boolean, result: unknown, call: CallContext, now: number): void {
    // Who gave up tells nothing about the service, unless it was too slow.
    if (call.aborted && !isTimeout(call.reason)) return;
    const outcome: Result<unknown> = ok ? { ok, value: result } : { ok, error: result };
    const overloaded = this.#isOverload(outcome);
    if (overloaded) this.#overloaded++;
    // How soon a call failed, or was turned away, says nothing about the time that calls take; a timeout does.
    const tells = overloaded ? !ok && isTimeout(result) : ok;
    if (!tells && !overloaded) return;
    const sample = this.#window.add(tells ? time : undefined, this.#active, overloaded, now);
    if (sample === undefined) return;
    const { algorithm } = this.#settings;
    algorithm.update(sample);
    const { limit } = algorithm;
    if (limit === this.#limit) return;
    const event = { policy: this.name, limit, previous: this.#limit };
    this.#limit = limit;
    this.events.emit('limit', event);
    if (limitChannel.active) limitChannel.publish(event);
  }

  #isOverload(outcome: Result<unknown>): boolean {
    try {
      return this.#settings.isOverload(outcome);
    } catch (error) {
      reportClassifierError(error);
      return false;
    }
  }

  #refusal(call: CallContext, waited: number): BulkheadFullError {
    this.#countRefused(call);
    return new BulkheadFullError(this.name, this.#limit, this.#settings.maxQueue, waited);
  }

  #countRefused({ priority }: CallContext): void {
    this.#refused++;
    if (!this.events.has('refused')) return;
    this.events.emit('refused', { policy: this.name, limit: this.#limit, priority });
  }
}
