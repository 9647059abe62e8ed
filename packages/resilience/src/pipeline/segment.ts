import type { Policy } from '@perf/core';
import { BasePolicy } from '../execution/base-policy.ts';
import { CallContext, UNBOUNDED } from '../execution/call-context.ts';
import { GatePolicy, start } from '../execution/gate-policy.ts';
import type { Execution } from '../execution/resilience-policy.ts';
import { RescuePolicy } from '../execution/rescue-policy.ts';
import type { Gate, Rescue } from '../execution/stage.ts';

/** A gate or a rescue; the other is `undefined`. */
interface Stage {
  readonly policy: BasePolicy<unknown, unknown>;
  readonly gate: Gate | undefined;
  readonly rescue: Rescue | undefined;
}

/** Gates and rescues, outermost first, that are walked in one go; within them a policy that runs the rest itself, or nothing. */
export class Segment {
  readonly #stages: readonly Stage[];
  readonly #policy: Policy | undefined;
  readonly #inner: Segment | undefined;

  constructor(policies: readonly Policy[]) {
    const stages: Stage[] = [];
    for (const policy of policies) {
      const stage = stageOf(policy);
      if (stage === undefined) break;
      stages.push(stage);
    }
    this.#stages = stages;
    this.#policy = policies[stages.length];
    const rest = policies.slice(stages.length + 1);
    this.#inner = rest.length === 0 ? undefined : new Segment(rest);
  }

  run<T>(fn: Execution<T>, call: CallContext): Promise<T> {
    return this.#stages.length === 0 ? this.#runWithin(fn, call) : this.#walk(0, fn, call);
  }

  async #walk<T>(from: number, fn: Execution<T>, call: CallContext): Promise<T> {
    const stages = this.#stages;
    const permits: number[] = [];
    let depth = from;
    let ok = true;
    let result: unknown;
    try {
      const outermost = stages[from]?.policy;
      if (outermost !== undefined) call.assertWanted(outermost.name, outermost.clock);
      for (; ok && depth < stages.length; depth++) {
        const { gate } = stages[depth] as Stage;
        if (gate === undefined) {
          permits.push(0);
          continue;
        }
        const entry = gate.enter(call);
        if (typeof entry === 'number') {
          permits.push(entry);
        } else if (entry instanceof Promise) {
          permits.push(await entry);
          if (call.aborted) {
            ok = false;
            result = call.reason;
          }
        } else {
          ok = false;
          result = entry;
          break;
        }
      }
      if (ok) result = await (this.#policy === undefined ? fn(call) : this.#runWithin(fn, call));
    } catch (error) {
      ok = false;
      result = error;
    }
    while (--depth >= from) {
      const { gate, rescue } = stages[depth] as Stage;
      if (gate !== undefined) {
        gate.leave(permits[depth - from] as number, ok, result, call);
      } else if (rescue?.wants(ok, result, call) === true) {
        const within = depth + 1;
        try {
          result = await rescue.rescue(ok, result, call, (next) => this.#walk(within, fn, next));
          ok = true;
        } catch (error) {
          result = error;
          ok = false;
        }
      }
    }
    if (ok) return result as T;
    throw result;
  }

  #runWithin<T>(fn: Execution<T>, call: CallContext): Promise<T> {
    const policy = this.#policy;
    if (policy === undefined) return start(fn, call);
    const inner = this.#inner;
    if (policy instanceof BasePolicy) {
      const options = call === UNBOUNDED ? undefined : call;
      return inner === undefined
        ? policy.execute(fn, options)
        : policy.execute((context) => inner.run(fn, CallContext.of(context)), options);
    }
    const { cancellation, deadline, priority } = call;
    const options = { signal: cancellation, deadline, priority };
    return policy.execute((context) => {
      const within = contextWithin(call, context);
      return inner === undefined ? fn(within) : inner.run(fn, within);
    }, options);
  }
}

/** A foreign policy hands over a signal, or nothing at all. */
function contextWithin(
  call: CallContext,
  context: { readonly signal?: AbortSignal } | undefined,
): CallContext {
  if (context instanceof CallContext) return context;
  const signal = context?.signal;
  return signal instanceof AbortSignal
    ? new CallContext(signal, call.deadline, call.priority, call.attempt)
    : call;
}

function stageOf(policy: Policy): Stage | undefined {
  if (policy instanceof GatePolicy) return { policy, gate: policy, rescue: undefined };
  if (policy instanceof RescuePolicy) return { policy, gate: undefined, rescue: policy };
  return undefined;
}
