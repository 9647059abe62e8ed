import { systemClock, type Clock, type Policy } from '@perf/core';
import { BasePolicy } from '../execution/base-policy.ts';
import { CallContext } from '../execution/call-context.ts';
import type {
  ExecuteOptions,
  Execution,
  ResiliencePolicy,
} from '../execution/resilience-policy.ts';
import { checkComposition } from './composition.ts';
import { standardPolicies, type StandardOptions } from './options.ts';
import { Segment } from './segment.ts';
import type { PipelineEvents, PipelineSnapshot } from './telemetry.ts';

/** Several policies as one. */
export interface Pipeline extends ResiliencePolicy<PipelineSnapshot, PipelineEvents> {
  /** The outermost first; those of pipelines within are among them. */
  readonly policies: readonly Policy[];
}

/**
 * Runs functions under all of the policies, the outermost first; anything with core's `Policy.execute` may be among them. Built-in ones cost
 * next to nothing together: one async function walks them.
 * @throws {@link ConfigError} when there is none, when one is no policy, or when one is there twice. What seldom makes sense, such as a retry
 * inside of a circuit breaker, is a `PerfPipelineWarning` of `process.emitWarning`.
 * @example
 * const policy = pipeline(timeout({ after: '5s' }), retry(), circuitBreaker(), bulkhead({ limit: 20 }));
 * await policy.execute(({ signal }) => fetch(url, { signal }));
 */
export function pipeline(...policies: readonly Policy[]): Pipeline {
  return new PipelinePolicy('pipeline', systemClock, policies);
}

/**
 * What a call to another service needs: a rate limit (if one is given), a timeout of the whole, a retry with a budget, a circuit breaker, a
 * timeout of each try.
 * @throws {@link ConfigError} for an option that is refused
 */
export function standard(options: StandardOptions = {}): Pipeline {
  const { name, policies } = standardPolicies(options);
  return new PipelinePolicy(name, options.clock ?? systemClock, policies);
}

class PipelinePolicy extends BasePolicy<PipelineSnapshot, PipelineEvents> implements Pipeline {
  readonly policies: readonly Policy[];
  readonly #segment: Segment;

  constructor(name: string, clock: Clock, policies: readonly Policy[]) {
    super({ kind: 'pipeline', name, clock }, []);
    this.policies = policies.flatMap((policy) =>
      policy instanceof PipelinePolicy ? policy.policies : [policy],
    );
    checkComposition(this.policies);
    this.#segment = new Segment(this.policies);
  }

  execute<T>(fn: Execution<T>, options?: ExecuteOptions): Promise<T> {
    return this.#segment.run(fn, CallContext.of(options));
  }

  snapshot(): PipelineSnapshot {
    return {
      name: this.name,
      policies: this.policies.map((policy) =>
        policy instanceof BasePolicy ? (policy.snapshot() as unknown) : undefined,
      ),
    };
  }
}
