import { BasePolicy } from './base-policy.ts';
import { CallContext } from './call-context.ts';
import { start } from './gate-policy.ts';
import type { ExecuteOptions, Execution } from './resilience-policy.ts';
import type { Rescue } from './stage.ts';

/** A policy that is a {@link Rescue}: alone it is executed by this, in a pipeline by the pipeline's walk. */
export abstract class RescuePolicy<Snapshot, Events>
  extends BasePolicy<Snapshot, Events>
  implements Rescue
{
  abstract rescue(
    ok: boolean,
    result: unknown,
    call: CallContext,
    again: (call: CallContext) => Promise<unknown>,
  ): Promise<unknown> | undefined;

  execute<T>(fn: Execution<T>, options?: ExecuteOptions): Promise<T> {
    const call = CallContext.of(options);
    try {
      call.assertWanted(this.name, this.clock);
    } catch (error) {
      return Promise.reject(error);
    }
    const again = (next: CallContext): Promise<T> => start(fn, next);
    return again(call).then(
      (value) => (this.rescue(true, value, call, again) as Promise<T> | undefined) ?? value,
      (error: unknown) => {
        const instead = this.rescue(false, error, call, again) as Promise<T> | undefined;
        if (instead === undefined) throw error;
        return instead;
      },
    );
  }
}
