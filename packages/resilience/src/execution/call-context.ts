import type { Clock } from '@perf/core';
import { DeadlineExceededError } from '../errors.ts';
import type { ExecuteOptions, ExecutionContext } from './resilience-policy.ts';

/** Priority of a call that names none. */
const DEFAULT_PRIORITY = 5;

/** Told once, when the call it listens to aborts; a listener of an `AbortSignal` as well. */
export interface AbortListener {
  handleEvent(): void;
}

/**
 * What a policy hands to the function, and what the policies of a call tell each other. It costs no `AbortController` until
 * somebody reads `signal`, and no listener on the caller's signal, which it hands on.
 */
export class CallContext implements ExecutionContext {
  readonly attempt: number;
  readonly deadline: number;
  readonly priority: number;
  /** Where aborts come from. */
  readonly #above: CallContext | AbortSignal | undefined;
  #made: AbortSignal | undefined;

  /** The context of a call with these options; a context that is handed on as options is the call's own. */
  static of(options: ExecuteOptions | undefined): CallContext {
    if (options === undefined) return UNBOUNDED;
    return options instanceof CallContext
      ? options
      : new CallContext(options.signal, options.deadline, options.priority);
  }

  constructor(
    above: CallContext | AbortSignal | undefined,
    deadline: number = Infinity,
    priority: number = DEFAULT_PRIORITY,
    attempt: number = 1,
  ) {
    this.#above = above;
    this.deadline = deadline;
    this.priority = priority;
    this.attempt = attempt;
  }

  get signal(): AbortSignal {
    const above = this.#above;
    if (above !== undefined) return above instanceof CallContext ? above.signal : above;
    this.#made ??= new AbortController().signal;
    return this.#made;
  }

  /** The signal, if there is anything that could abort it. */
  get cancellation(): AbortSignal | undefined {
    const above = this.#above;
    return above instanceof CallContext ? above.cancellation : above;
  }

  /** Whether `signal` is aborted, or would be if it were read. */
  get aborted(): boolean {
    return this.#above !== undefined && this.#above.aborted;
  }

  /** Why. */
  get reason(): unknown {
    return this.#above?.reason;
  }

  /** Tells the listener when this aborts, if anything could abort it, without making a signal for that. */
  addAbortListener(listener: AbortListener): void {
    const above = this.#above;
    if (above instanceof CallContext) above.addAbortListener(listener);
    else above?.addEventListener('abort', listener, { once: true });
  }

  /** Harmless when it does not listen. */
  removeAbortListener(listener: AbortListener): void {
    const above = this.#above;
    if (above instanceof CallContext) above.removeAbortListener(listener);
    else above?.removeEventListener('abort', listener);
  }

  /** The context of a later try of the same call, so many tries on. */
  next(tries: number = 1): CallContext {
    return new CallContext(this, this.deadline, this.priority, this.attempt + tries);
  }

  /**
   * @param policy asks before it lets the call in
   * @throws the signal's reason if it is aborted, {@link DeadlineExceededError} if the deadline has passed
   */
  assertWanted(policy: string, clock: Clock): void {
    if (this.aborted) throw this.reason;
    if (this.deadline !== Infinity && clock.now() >= this.deadline) {
      throw new DeadlineExceededError(policy);
    }
  }
}

/** Shared by all calls without options, so each reading of `signal` is a new one: nothing ever aborts it, nothing collects on it. */
class UnboundedContext extends CallContext {
  override get signal(): AbortSignal {
    return new AbortController().signal;
  }
}

/** The context of every call that has no options. */
export const UNBOUNDED: CallContext = new UnboundedContext(undefined);
