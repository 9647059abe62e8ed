import { defineChannel } from '@perf/core';
import { BrokenCircuitError } from '../errors.ts';
import { UNBOUNDED, type CallContext } from '../execution/call-context.ts';
import { GatePolicy, start } from '../execution/gate-policy.ts';
import { verdictOf } from '../execution/outcome.ts';
import type {
  ExecuteOptions,
  Execution,
  ResiliencePolicy,
} from '../execution/resilience-policy.ts';
import type { Entry } from '../execution/stage.ts';
import { BreakerMachine } from './breaker-machine.ts';
import { breakerSettings, type BreakerSettings, type CircuitBreakerOptions } from './options.ts';
import {
  BREAKER_EVENTS,
  type BreakerState,
  type BreakerStateEvent,
  type CircuitBreakerEvents,
  type CircuitBreakerSnapshot,
} from './telemetry.ts';

const stateChannel = defineChannel<BreakerStateEvent>('breaker', 'state');

/** Ends an isolation. */
export interface Isolation extends Disposable {
  /** Lets calls through again, unless somebody else isolates as well: by probes first if it was not closed before. Idempotent. */
  release(): void;
}

/**
 * Stops calling what fails, and tries cautiously whether it works again. Results of calls that began before a change of state change nothing.
 * @see Nygard, "Release It!", 2007, chapter 5
 */
export interface CircuitBreaker extends ResiliencePolicy<
  CircuitBreakerSnapshot,
  CircuitBreakerEvents
> {
  readonly state: BreakerState;
  /**
   * For code so hot that even a promise is too much: asks to be let in. Give the permit back, once, by {@link success}, {@link failure} or
   * {@link ignore}; a permit that is lost is a call that never ends.
   * @returns the permit, 0 when the call is refused
   */
  tryAcquire(): number;
  success(permit: number): void;
  failure(permit: number, error?: unknown): void;
  ignore(permit: number): void;
  /** What a refused call is rejected with, made now. */
  refusal(): BrokenCircuitError;
  /** Refuses all calls until every isolation is released, or {@link reset}. */
  isolate(): Isolation;
  /** Closes it, with nothing remembered, whatever it was. Isolations end. */
  reset(): void;
}

/**
 * @throws {@link ConfigError} for an option that is refused
 * @example
 * const payments = circuitBreaker({ name: 'payments', failureRate: 0.5, window: { time: '10s' } });
 * await payments.execute(({ signal }) => fetch(url, { signal }));
 */
export function circuitBreaker(options: CircuitBreakerOptions = {}): CircuitBreaker {
  return new CircuitBreakerPolicy(breakerSettings(options));
}

class CircuitBreakerPolicy
  extends GatePolicy<CircuitBreakerSnapshot, CircuitBreakerEvents>
  implements CircuitBreaker
{
  readonly #settings: BreakerSettings;
  readonly #machine: BreakerMachine;
  /** Handlers of calls without options, made anew for each epoch: they know their permit. */
  #onValue: (value: unknown) => unknown;
  #onError: (error: unknown) => never;
  #isolations = new Set<Isolation>();
  #wasClosed = true;

  constructor(settings: BreakerSettings) {
    super(settings, BREAKER_EVENTS);
    this.#settings = settings;
    this.#machine = new BreakerMachine(settings, {
      changed: (from, reason, openFor) => {
        this.#arm();
        const { state: to, cause } = this.#machine;
        const { name } = this;
        const change = {
          policy: name,
          from,
          to,
          reason,
          openFor,
          cause: to === 'open' ? cause : undefined,
        };
        if (stateChannel.active) stateChannel.publish(change);
        this.events.emit('state', change);
      },
      failed: (error) => {
        if (!this.events.has('failure')) return;
        this.events.emit('failure', { policy: this.name, error, state: this.state });
      },
    });
    [this.#onValue, this.#onError] = this.#handlers();
  }

  get state(): BreakerState {
    return this.#machine.state;
  }

  override execute<T>(fn: Execution<T>, options?: ExecuteOptions): Promise<T> {
    if (options !== undefined || !this.#machine.isPlain) return super.execute(fn, options);
    return start(fn, UNBOUNDED).then(this.#onValue as (value: T) => T, this.#onError);
  }

  override enter(): Entry {
    return this.tryAcquire() || this.refusal();
  }

  override leave(permit: number, ok: boolean, result: unknown, call: CallContext): void {
    this.#machine.settle(permit, verdictOf(ok, result, call, this.#settings.classify), result);
  }

  tryAcquire(): number {
    const permit = this.#machine.admit();
    if (permit === 0 && this.events.has('refused')) {
      const { name: policy, state } = this;
      this.events.emit('refused', { policy, state, retryAfter: this.#machine.retryAfter() });
    }
    return permit;
  }

  success(permit: number): void {
    this.#machine.settle(permit, 'success', undefined);
  }

  failure(permit: number, error?: unknown): void {
    this.#machine.settle(permit, 'failure', error);
  }

  ignore(permit: number): void {
    this.#machine.settle(permit, 'ignore', undefined);
  }

  refusal(): BrokenCircuitError {
    const { cause } = this.#machine;
    const options = cause === undefined ? undefined : { cause };
    return new BrokenCircuitError(this.name, this.#machine.retryAfter(), options);
  }

  isolate(): Isolation {
    const release = (): void => {
      if (!this.#isolations.delete(isolation) || this.#isolations.size > 0) return;
      this.#machine.change(this.#wasClosed ? 'closed' : 'half-open', 'release');
    };
    const isolation: Isolation = { release, [Symbol.dispose]: release };
    this.#isolations.add(isolation);
    if (this.state !== 'isolated') {
      this.#wasClosed = this.state === 'closed';
      this.#machine.change('isolated', 'isolate', Infinity);
    }
    return isolation;
  }

  reset(): void {
    this.#isolations.clear();
    this.#machine.change('closed', 'reset');
    this.#arm();
  }

  snapshot(): CircuitBreakerSnapshot {
    return this.#machine.snapshot(this.name);
  }

  #arm(): void {
    [this.#onValue, this.#onError] = this.#handlers();
  }

  #handlers(): [(value: unknown) => unknown, (error: unknown) => never] {
    const machine = this.#machine;
    const { classify } = this.#settings;
    const permit = machine.epoch;
    return [
      classify === undefined
        ? (value) => {
            machine.settle(permit, 'success', undefined);
            return value;
          }
        : (value) => {
            machine.settle(permit, verdictOf(true, value, UNBOUNDED, classify), value);
            return value;
          },
      (error) => {
        machine.settle(permit, verdictOf(false, error, UNBOUNDED, classify), error);
        throw error;
      },
    ];
  }
}
