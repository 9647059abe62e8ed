import { inspect } from 'node:util';
import { checkFunction, checkOneOf } from './options.ts';

/** Removes the listener that `on` added. Idempotent. */
export type Unsubscribe = () => void;

/** The part of an {@link Emitter} that users of an object see. */
export interface Listenable<Events> {
  /**
   * Calls `listener` at each `event`, synchronously and in the order of subscription. A listener
   * that throws or rejects breaks neither the emitter nor other listeners: the error is reported by
   * `process.emitWarning`, as a `PerfListenerError`.
   * @throws {@link ConfigError} when there is no such event, or `listener` is not a function
   */
  on<Event extends keyof Events>(
    event: Event,
    listener: (payload: Events[Event]) => void,
  ): Unsubscribe;
}

/** A typed event emitter whose listeners cannot break the emitter. */
export class Emitter<Events> implements Listenable<Events> {
  readonly #names: readonly (keyof Events & string)[];
  readonly #listeners = new Map<keyof Events, readonly ((payload: never) => unknown)[]>();

  /** @param names every event that there is, so that `on` refuses a misspelt one */
  constructor(names: readonly (keyof Events & string)[]) {
    this.#names = names;
  }

  /** Whether anyone listens; guard the making of a payload with it. */
  has(event: keyof Events): boolean {
    return this.#listeners.has(event);
  }

  on<Event extends keyof Events>(
    event: Event,
    listener: (payload: Events[Event]) => void,
  ): Unsubscribe {
    checkOneOf('event', event as keyof Events & string, this.#names);
    checkFunction('listener', listener);
    // A copy per change, so that an emit under way goes on over the listeners it began with.
    const entry = (payload: Events[Event]): unknown => listener(payload);
    this.#listeners.set(event, [...(this.#listeners.get(event) ?? []), entry]);
    return () => {
      const rest = (this.#listeners.get(event) ?? []).filter((one) => one !== entry);
      if (rest.length === 0) this.#listeners.delete(event);
      else this.#listeners.set(event, rest);
    };
  }

  emit<Event extends keyof Events>(event: Event, payload: Events[Event]): void {
    const listeners = this.#listeners.get(event);
    if (listeners === undefined) return;
    for (const listener of listeners) {
      try {
        const result = (listener as (payload: Events[Event]) => unknown)(payload);
        if (result instanceof Promise) {
          result.catch((error: unknown) => {
            reportListenerError(event, error);
          });
        }
      } catch (error) {
        reportListenerError(event, error);
      }
    }
  }

  /** Removes every listener. */
  clear(): void {
    this.#listeners.clear();
  }
}

function reportListenerError(event: PropertyKey, error: unknown): void {
  process.emitWarning(`a listener of "${String(event)}" failed: ${describe(error)}`, {
    type: 'PerfListenerError',
  });
}

/** What was thrown can be anything, even something that throws when it is looked at. */
function describe(error: unknown): string {
  try {
    return inspect(error, { customInspect: false });
  } catch {
    return 'with something that cannot be shown';
  }
}
