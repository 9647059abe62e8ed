import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Fault } from '@perf/faulty-service';
import type { Diagnosis } from '../../src/diagnose/diagnose.ts';
import { buildProgram, type Program } from '../fixtures/programs.ts';

/** Each fault for real, in a process of its own, until it is named: a slow machine takes longer, and a quick one seconds. */
let program: Program;

beforeAll(async () => {
  program = await buildProgram('diagnosed-service.ts');
});

afterAll(() => {
  program.remove();
});

test.each<[Fault, Diagnosis['verdict'], RegExp]>([
  // Which operation seems to block depends on what the machine makes of it.
  ['blocked-loop', 'event-loop-blocked', /^(the longest synchronous stretch|operation .+)$/],
  ['gc-churn', 'gc-pressure', /^(--max-semi-space-size|large and long-lived allocations)$/],
  ['leak', 'memory-leak', /^what is kept in V8's heap$/],
  ['taken-threads', 'thread-pool-starvation', /^UV_THREADPOOL_SIZE$/],
  ['slow-dependency', 'slow-dependency', /^timeout of database\.query$/],
  ['exhausted-pool', 'pool-exhaustion', /^max of the pool "database"$/],
  ['bad-cache', 'low-hit-rate', /^maxEntries of the cache "values"$/],
])(
  'a service with %s is found to have %s, and told what to change',
  async (fault, verdict, setting) => {
    const printed = await program.run([fault, '1', verdict]);
    const { verdict: found, findings } = JSON.parse(printed) as Diagnosis;
    expect(found, printed).toBe(verdict);
    expect(findings[0]?.recommendation.setting).toMatch(setting);
    expect(findings[0]?.evidence.length).toBeGreaterThan(1);
  },
);
