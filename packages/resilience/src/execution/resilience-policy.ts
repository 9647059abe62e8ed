import type { Listenable, Policy, PolicyCall, PolicyContext } from '@perf/core';

/**
 * What a policy hands to the function it runs. It can be handed on as the options of another policy's
 * `execute`, which then has the same signal, deadline and priority.
 */
export interface ExecutionContext extends PolicyContext {
  /** Aborts when the caller gives up or a timeout around the function passes. Made when it is first read. */
  readonly signal: AbortSignal;
  /** 1 at the first try; a retry or a hedge around it counts up. */
  readonly attempt: number;
  /** When the caller has no more use for a result, by the monotonic clock; `Infinity` when there is no such time. */
  readonly deadline: number;
  /** As the caller gave it. */
  readonly priority: number;
}

/** Options of {@link ResiliencePolicy.execute}. */
export interface ExecuteOptions extends PolicyCall {
  /** Ends every wait, and the function's `signal`, when it aborts. The rejection is the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** No try starts, and no wait goes on, after it; monotonic milliseconds, as `Clock.now()`. @default Infinity */
  readonly deadline?: number | undefined;
  /** Where calls wait, the higher one goes first. A whole number from 0 to 9. @default 5 */
  readonly priority?: number | undefined;
}

/** A function run under a policy. It may return a value as well as a promise. */
export type Execution<T> = (context: ExecutionContext) => T | PromiseLike<T>;

/** What {@link ResiliencePolicy.executeSafe} resolves with. */
export type Result<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: unknown };

/**
 * A rule under which functions run. It holds state (counters, a window, waiting calls): make one for each thing that is
 * protected, and share it among all who call that. Any number of calls may run at once.
 */
export interface ResiliencePolicy<Snapshot, Events> extends Policy, Listenable<Events> {
  /** Told in errors, events and snapshots. */
  readonly name: string;
  /**
   * Runs the function under the rule. What the function throws before it returns is a rejection, too.
   * @returns what the function's promise resolves with; rejects with what it rejects with, with the signal's
   *   reason, or with the policy's own error
   */
  execute<T>(fn: Execution<T>, options?: ExecuteOptions): Promise<T>;
  /** As {@link execute}, but never rejects. */
  executeSafe<T>(fn: Execution<T>, options?: ExecuteOptions): Promise<Result<T>>;
  /** The function, each call of which runs under the rule; arguments, `this` and types are kept. */
  wrap<This, Arguments extends readonly unknown[], T>(
    fn: (this: This, ...args: Arguments) => T | PromiseLike<T>,
  ): (this: This, ...args: Arguments) => Promise<T>;
  /** State and counters since the start: a plain object, frozen in time. */
  snapshot(): Snapshot;
}
