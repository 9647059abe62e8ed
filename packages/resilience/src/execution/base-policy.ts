import {
  checkKnown,
  checkString,
  Emitter,
  systemClock,
  type Clock,
  type Unsubscribe,
} from '@perf/core';
import type { ExecuteOptions, Execution, ResiliencePolicy, Result } from './resilience-policy.ts';

/** Options that every policy takes. */
export interface PolicyOptions {
  /** Told in errors, events and snapshots. @default the policy's kind, such as `'retry'` */
  readonly name?: string | undefined;
  /** The source of time. @default the process's clock */
  readonly clock?: Clock | undefined;
}

/** {@link PolicyOptions}, checked. */
export interface PolicySettings {
  /** Such as `'retry'`, whatever the policy's name. */
  readonly kind: string;
  readonly name: string;
  readonly clock: Clock;
}

/**
 * @param kind such as `'retry'`: names the options in errors, and the policy that has no name
 * @param known the options beside `name` and `clock`
 * @throws {@link ConfigError} when an option does not exist or is refused
 */
export function policySettings(
  kind: string,
  options: PolicyOptions,
  known: readonly string[],
): PolicySettings {
  checkKnown(kind, options, ['name', 'clock', ...known]);
  return {
    kind,
    name: checkString(`${kind}.name`, options.name ?? kind),
    clock: options.clock ?? systemClock,
  };
}

/** What all policies have beside {@link ResiliencePolicy.execute} and their snapshot. */
export abstract class BasePolicy<Snapshot, Events> implements ResiliencePolicy<Snapshot, Events> {
  readonly name: string;
  /** See {@link PolicySettings.kind}. */
  readonly kind: string;
  readonly clock: Clock;
  protected readonly events: Emitter<Events>;

  /** @param events every event that there is */
  constructor({ kind, name, clock }: PolicySettings, events: readonly (keyof Events & string)[]) {
    this.kind = kind;
    this.name = name;
    this.clock = clock;
    this.events = new Emitter(events);
  }

  abstract execute<T>(fn: Execution<T>, options?: ExecuteOptions): Promise<T>;
  abstract snapshot(): Snapshot;

  executeSafe<T>(fn: Execution<T>, options?: ExecuteOptions): Promise<Result<T>> {
    return this.execute(fn, options).then(succeeded<T>, failed);
  }

  wrap<This, Arguments extends readonly unknown[], T>(
    fn: (this: This, ...args: Arguments) => T | PromiseLike<T>,
  ): (this: This, ...args: Arguments) => Promise<T> {
    const run = (work: Execution<T>): Promise<T> => this.execute(work);
    function wrapped(this: This, ...args: Arguments): Promise<T> {
      return run(() => Reflect.apply(fn, this, args));
    }
    return Object.defineProperty(wrapped, 'name', { value: fn.name, configurable: true });
  }

  on<Event extends keyof Events>(
    event: Event,
    listener: (payload: Events[Event]) => void,
  ): Unsubscribe {
    return this.events.on(event, listener);
  }
}

function succeeded<T>(value: T): Result<T> {
  return { ok: true, value };
}

function failed(error: unknown): { readonly ok: false; readonly error: unknown } {
  return { ok: false, error };
}
