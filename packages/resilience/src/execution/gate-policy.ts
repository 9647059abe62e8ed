import { BasePolicy } from './base-policy.ts';
import { CallContext } from './call-context.ts';
import type { ExecuteOptions, Execution } from './resilience-policy.ts';
import type { Gate } from './stage.ts';

/** A policy that is a {@link Gate}: alone it is executed by this, in a pipeline by the pipeline's walk. */
export abstract class GatePolicy<Snapshot, Events>
  extends BasePolicy<Snapshot, Events>
  implements Gate
{
  abstract enter(call: CallContext): number | Promise<number>;
  abstract leave(permit: number, ok: boolean, result: unknown, call: CallContext): void;

  execute<T>(fn: Execution<T>, options?: ExecuteOptions): Promise<T> {
    const call = CallContext.of(options);
    let permit: number | Promise<number>;
    try {
      call.assertWanted(this.name, this.clock);
      permit = this.enter(call);
    } catch (error) {
      return Promise.reject(error);
    }
    return typeof permit === 'number'
      ? this.#run(fn, permit, call)
      : permit.then((granted) => this.#run(fn, granted, call));
  }

  #run<T>(fn: Execution<T>, permit: number, call: CallContext): Promise<T> {
    return start(fn, call).then(
      (value) => {
        this.leave(permit, true, value, call);
        return value;
      },
      (error: unknown) => {
        this.leave(permit, false, error, call);
        throw error;
      },
    );
  }
}

/** Calls the function; what it returns or throws is a promise's. */
export function start<T>(fn: Execution<T>, call: CallContext): Promise<T> {
  try {
    const result = fn(call);
    return result instanceof Promise ? result : Promise.resolve(result);
  } catch (error) {
    return Promise.reject(error);
  }
}
