import { BasePolicy } from './base-policy.ts';
import { CallContext } from './call-context.ts';
import { rejected } from './rejected.ts';
import type { ExecuteOptions, Execution } from './resilience-policy.ts';
import type { Entry, Gate } from './stage.ts';

/** A policy that is a {@link Gate}: alone it is executed by this, in a pipeline by the pipeline's walk. */
export abstract class GatePolicy<Snapshot, Events>
  extends BasePolicy<Snapshot, Events>
  implements Gate
{
  abstract enter(call: CallContext): Entry;
  abstract leave(permit: number, ok: boolean, result: unknown, call: CallContext): void;

  execute<T>(fn: Execution<T>, options?: ExecuteOptions): Promise<T> {
    const call = CallContext.of(options);
    let entry: Entry;
    try {
      call.assertWanted(this.name, this.clock);
      entry = this.enter(call);
    } catch (error) {
      return Promise.reject(error);
    }
    if (typeof entry === 'number') return this.#run(fn, entry, call);
    if (entry instanceof Promise) return this.#runAfter(entry, fn, call);
    return rejected(entry);
  }

  async #runAfter<T>(entry: Promise<number>, fn: Execution<T>, call: CallContext): Promise<T> {
    const permit = await entry;
    let value: T;
    try {
      // The caller may have given up after its turn came and before this heard of it.
      if (call.aborted) throw call.reason;
      value = await fn(call);
    } catch (error) {
      this.leave(permit, false, error, call);
      throw error;
    }
    this.leave(permit, true, value, call);
    return value;
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
