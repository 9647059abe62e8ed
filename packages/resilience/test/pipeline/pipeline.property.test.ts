import type { Policy, PolicyContext } from '@perf/core';
import { ManualClock, settle } from '@perf/core/testing';
import * as fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { bulkhead } from '../../src/bulkhead/bulkhead.ts';
import { circuitBreaker } from '../../src/circuit-breaker/circuit-breaker.ts';
import type { Execution, ResiliencePolicy } from '../../src/execution/resilience-policy.ts';
import { fallback } from '../../src/fallback/fallback.ts';
import { pipeline } from '../../src/pipeline/pipeline.ts';
import { rateLimit } from '../../src/rate-limit/rate-limit.ts';
import { retry } from '../../src/retry/retry.ts';
import { timeout } from '../../src/timeout/timeout.ts';

const kinds = ['retry', 'breaker', 'bulkhead', 'fallback', 'timeout', 'limit', 'foreign'] as const;
type Kind = (typeof kinds)[number];

beforeEach(() => {
  vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
});
afterEach(() => {
  vi.restoreAllMocks();
});

/** A policy of somebody else's, which counts. */
class Foreign implements Policy {
  calls = 0;
  execute: Policy['execute'] = async (fn, call) => {
    this.calls++;
    // As it came: a nest of policies knows the deadline only from it.
    return fn(call as PolicyContext);
  };
  snapshot(): unknown {
    return this.calls;
  }
}

function make(kind: Kind, clock: ManualClock): Policy & { snapshot(): unknown } {
  switch (kind) {
    case 'retry':
      return retry({ clock, backoff: [0, 0], retryIf: (error) => error !== 'no' });
    case 'breaker':
      return circuitBreaker({ clock, consecutiveFailures: 3, openPeriodJitter: 0, probes: 1 });
    case 'bulkhead':
      return bulkhead({ clock, limit: 2, maxQueue: 1 });
    case 'fallback':
      return fallback({ clock, to: () => 'instead', when: (error) => error === 'dull' });
    case 'timeout':
      return timeout({ clock, after: 50 });
    case 'limit':
      return rateLimit({ clock, rate: 5, burst: 9 });
    default:
      return new Foreign();
  }
}

/** What a pipeline means: each policy executes the next. */
function nested(policies: readonly Policy[]): Pick<ResiliencePolicy<unknown, never>, 'execute'> {
  const [outermost, ...rest] = policies;
  if (outermost === undefined) return { execute: async (fn, call) => fn(call as never) };
  const inner = nested(rest);
  return {
    execute: (fn, options) => outermost.execute((call) => inner.execute(fn, call), options),
  };
}

const scripts = fc.array(
  fc.record({
    outcomes: fc.array(fc.constantFrom('fine', 'dull', 'no', 'hang', 'throw'), {
      minLength: 4,
      maxLength: 4,
    }),
    advance: fc.constantFrom(0, 10, 60, 6000),
    abort: fc.boolean(),
  }),
  { minLength: 1, maxLength: 8 },
);

test('a pipeline does what its policies do, each within the one before', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(fc.constantFrom(...kinds), { minLength: 1 }),
      scripts,
      async (order, script) => {
        const sides = [true, false].map((isPipeline) => {
          const clock = new ManualClock();
          const policies = order.map((kind) => make(kind, clock));
          const policy = isPipeline ? pipeline(...policies) : nested(policies);
          return { clock, policies, policy, log: [] as unknown[], pending: [] as (() => void)[] };
        });
        for (const { outcomes, advance, abort } of script) {
          for (const { clock, policy, log, pending } of sides) {
            let tries = 0;
            const controller = new AbortController();
            const fn: Execution<unknown> = ({ signal }) => {
              const outcome = outcomes[tries++ % outcomes.length];
              log.push(['try', outcome, signal.aborted]);
              if (outcome === 'throw') throw new Error('thrown');
              if (outcome === 'hang') {
                return new Promise((resolve) => {
                  pending.push(() => {
                    resolve('late');
                  });
                });
              }
              return outcome === 'fine' ? 'fine' : Promise.reject(outcome);
            };
            policy.execute(fn, { signal: controller.signal }).then(
              (value: unknown) => log.push(['value', value]),
              (error: unknown) =>
                log.push(['error', (error as { message?: string }).message ?? error]),
            );
            await settle();
            if (abort) controller.abort(new Error('gone'));
            await clock.advanceAsync(advance);
            // One call at a time: which of two that run at once is first is nobody's promise.
            while (pending.length > 0) {
              for (const end of pending.splice(0)) end();
              await settle();
            }
          }
          const [one, other] = sides.map(({ log, policies }) => [
            log,
            policies.map((p) => p.snapshot()),
          ]);
          expect(one).toEqual(other);
        }
      },
    ),
    { numRuns: 120 },
  );
});
