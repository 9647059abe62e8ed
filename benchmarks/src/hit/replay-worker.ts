import { countKeys, type Trace } from '@perf/traces';
import { serveJob } from '../harness/job.ts';
import { mean } from '../harness/statistics.ts';
import { loadTrace } from './load-trace.ts';
import { hitsOf, weightedHitsOf } from './policies.ts';
import type { Policy } from './policy-names.ts';
import type { ReplayInput, ReplayOutput } from './replay.ts';
import { weightsOf } from './weights.ts';

async function replay(input: ReplayInput): Promise<ReplayOutput> {
  const { policy, capacities, seed, weighted } = input;
  const trace = await loadTrace(input.trace, input.traceFolder);
  const hits = weighted
    ? weightedHits(policy, trace, capacities, seed)
    : capacities.map((capacity) => hitsOf(policy, trace, capacity, seed));
  return { accesses: trace.length, hits };
}

function weightedHits(
  policy: Policy,
  trace: Trace,
  capacities: readonly number[],
  seed: number,
): number[] {
  if (policy !== 'adaptive' && policy !== 'lru' && policy !== 'lru-cache') {
    throw new Error(`${policy} is not played with weights`);
  }
  const weights = weightsOf(countKeys(trace));
  const meanWeight = mean([...weights]);
  return capacities.map((capacity) =>
    weightedHitsOf(policy, trace, weights, Math.round(capacity * meanWeight), seed),
  );
}

serveJob(replay);
