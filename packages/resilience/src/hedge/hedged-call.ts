import { DueEntry } from '@perf/core';
import { HedgeFailedError, HedgeLostError } from '../errors.ts';
import { AbortableContext } from '../execution/abortable-context.ts';
import type { CallContext } from '../execution/call-context.ts';
import { start } from '../execution/gate-policy.ts';
import type { Execution } from '../execution/resilience-policy.ts';

/** Whoever decides on further attempts, and is told how they end. */
export interface HedgedCallHost {
  readonly name: string;
  /** The call has taken as long as the delay. */
  overdue(call: HedgedCall): void;
  /** The call is over. @param attempt the one that answered, from 1 on; 0 when all failed */
  over(call: HedgedCall, attempt: number): void;
}

/** A call and its attempts, of which the first that succeeds answers it. */
export class HedgedCall extends DueEntry {
  /** When the first attempt began. */
  readonly started: number;
  readonly #host: HedgedCallHost;
  readonly #fn: Execution<unknown>;
  readonly #call: CallContext;
  readonly #resolve: (value: unknown) => void;
  readonly #reject: (reason: unknown) => void;
  readonly #attempts: AbortableContext[] = [];
  readonly #failures: unknown[] = [];
  #isOver = false;

  constructor(
    host: HedgedCallHost,
    fn: Execution<unknown>,
    call: CallContext,
    started: number,
    resolve: (value: unknown) => void,
    reject: (reason: unknown) => void,
  ) {
    super();
    this.#host = host;
    this.#fn = fn;
    this.#call = call;
    this.started = started;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  /** How many attempts there have been. */
  get attempts(): number {
    return this.#attempts.length;
  }

  /** Whether a further attempt may still be of use. */
  isWanted(now: number): boolean {
    return !this.#isOver && !this.#call.aborted && now < this.#call.deadline;
  }

  /** Starts an attempt. */
  attempt(): void {
    const number = this.#attempts.length + 1;
    const call = this.#call;
    const context = new AbortableContext(call, call.deadline, call.attempt + number - 1);
    this.#attempts.push(context);
    start(this.#fn, context).then(
      (value) => {
        this.#succeeded(number, value);
      },
      (error: unknown) => {
        this.#failed(context, error);
      },
    );
  }

  override expire(): void {
    this.#host.overdue(this);
  }

  #succeeded(number: number, value: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const winner = this.#attempts[number - 1];
    winner?.release();
    this.#host.over(this, number);
    this.#resolve(value);
    if (this.#attempts.length === 1) return;
    const reason = new HedgeLostError(this.#host.name);
    for (const attempt of this.#attempts) if (attempt !== winner) attempt.abort(reason);
  }

  #failed(context: AbortableContext, error: unknown): void {
    context.release();
    if (this.#isOver) return;
    this.#failures.push(error);
    if (this.#failures.length < this.#attempts.length) return;
    this.#isOver = true;
    this.#host.over(this, 0);
    this.#reject(
      this.#failures.length === 1 ? error : new HedgeFailedError(this.#host.name, this.#failures),
    );
  }
}
