import { BasePolicy } from './base-policy.ts';
import { CallContext, UNBOUNDED } from './call-context.ts';
import { start } from './gate-policy.ts';
import { rejected } from './rejected.ts';
import type { ExecuteOptions, Execution } from './resilience-policy.ts';
import type { Rescue } from './stage.ts';

/** A policy that is a {@link Rescue}: alone it is executed by this, in a pipeline by the pipeline's walk. */
export abstract class RescuePolicy<Snapshot, Events>
  extends BasePolicy<Snapshot, Events>
  implements Rescue
{
  abstract wants(ok: boolean, result: unknown, call: CallContext): boolean;
  abstract rescue(
    ok: boolean,
    result: unknown,
    call: CallContext,
    again: (call: CallContext) => Promise<unknown>,
  ): Promise<unknown>;

  /** What a policy that never rescues a value does instead of {@link wants} about one of a call without options. */
  protected onValue: ((value: unknown) => unknown) | undefined;

  execute<T>(fn: Execution<T>, options?: ExecuteOptions): Promise<T> {
    const { onValue } = this;
    if (options === undefined && onValue !== undefined) {
      return start(fn, UNBOUNDED).then(onValue as (value: T) => T, (error: unknown) =>
        this.#failed(fn, error, UNBOUNDED),
      );
    }
    const call = CallContext.of(options);
    try {
      call.assertWanted(this.name, this.clock);
    } catch (error) {
      return rejected(error);
    }
    return start(fn, call).then(
      (value) => (this.wants(true, value, call) ? this.#instead(fn, true, value, call) : value),
      (error: unknown) => this.#failed(fn, error, call),
    );
  }

  #failed<T>(fn: Execution<T>, error: unknown, call: CallContext): Promise<T> {
    if (!this.wants(false, error, call)) throw error;
    return this.#instead(fn, false, error, call);
  }

  #instead<T>(fn: Execution<T>, ok: boolean, result: unknown, call: CallContext): Promise<T> {
    return this.rescue(ok, result, call, (next) => start(fn, next)) as Promise<T>;
  }
}
