import { countKeys, readTrace } from '@perf/traces';
import type { Output } from '../harness/output.ts';
import { plainTable } from '../harness/result-table.ts';
import { hitsOf } from './policies.ts';
import type { Policy } from './policy-names.ts';

/** Any trace, played to any policies at any capacities. */
export interface TraceRun {
  readonly file: string;
  readonly capacities: readonly number[];
  readonly policies: readonly Policy[];
  readonly seed: number;
}

/** Plays the trace and prints a hit ratio for each policy and capacity. */
export async function runTrace(run: TraceRun, output: Output): Promise<void> {
  const { file, capacities, policies, seed } = run;
  const trace = await readTrace(file);
  const [accesses, keys] = [trace.length, countKeys(trace)].map((n) => n.toLocaleString('en'));
  output.line(`${file}: ${accesses} accesses, ${keys} keys`);
  const rows = policies.flatMap((policy) =>
    capacities.map((capacity) => {
      const hits = hitsOf(policy, trace, capacity, seed);
      const percent = ((hits * 100) / trace.length).toFixed(2);
      return [policy, capacity.toLocaleString('en'), hits.toLocaleString('en'), `${percent} %`];
    }),
  );
  output.line(plainTable([['policy', 'capacity', 'hits', 'hit ratio'], ...rows], 1));
}
