import path from 'node:path';
import { countKeys, readTrace, type Trace } from '@perf/traces';
import { serveJob } from '../harness/job.ts';
import { mean } from '../harness/statistics.ts';
import { DEVELOPER_TRACES, fileOf } from './developer-traces.ts';
import { hitsOf, weightedHitsOf, type Policy } from './policies.ts';
import type { ReplayInput, ReplayOutput } from './replay.ts';
import { weightsOf } from './weights.ts';

async function replay(input: ReplayInput): Promise<ReplayOutput> {
  const { policy, capacities, seed, weighted } = input;
  const trace = await load(input);
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

async function load({ trace, traceFolder }: ReplayInput): Promise<Trace> {
  const known = DEVELOPER_TRACES.find(({ name }) => name === trace);
  return known?.generate?.() ?? readTrace(path.join(traceFolder, fileOf(trace)));
}

serveJob(replay);
