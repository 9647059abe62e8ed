import type { RefusedError } from '../errors.ts';
import type { CallContext } from './call-context.ts';

/**
 * A permit, a number whose meaning is the gate's own; a promise for it when the call has to wait; or the error with which the
 * call is refused, returned because throwing it costs as much as making it twice.
 */
export type Entry = number | Promise<number> | RefusedError;

/** A stage of a pipeline through which a call goes in, and out again. */
export interface Gate {
  /** Lets the call in, or not: it then does not leave. What it throws, or the promise rejects with, refuses the call, too. */
  enter(call: CallContext): Entry;
  /**
   * Takes the permit back, once, when what is within has settled. Does not throw.
   * @param result the value if `ok`, else the error
   */
  leave(permit: number, ok: boolean, result: unknown, call: CallContext): void;
}

/** A stage that may make something else of what comes out of the stages within it. */
export interface Rescue {
  /**
   * Hears how the call ended, once for each call.
   * @param result the value if `ok`, else the error
   * @returns whether {@link rescue} is to be asked; else the outcome stands
   */
  wants(ok: boolean, result: unknown, call: CallContext): boolean;
  /**
   * @param again runs the stages within once more, and the function
   * @returns what the call settles with instead
   */
  rescue(
    ok: boolean,
    result: unknown,
    call: CallContext,
    again: (call: CallContext) => Promise<unknown>,
  ): Promise<unknown>;
}
