import { availableParallelism } from 'node:os';
import type { GroupContext } from '../harness/group.ts';
import { runJobs, type Job } from '../harness/job.ts';
import type { DeveloperTrace } from './developer-traces.ts';
import { HitRatios } from './hit-ratios.ts';
import { isPresent } from './load-trace.ts';
import type { Policy } from './policy-names.ts';
import type { ReplayInput, ReplayOutput } from './replay.ts';

/** One policy, to be played all traces. */
export interface Play {
  readonly policy: Policy;
  readonly seed: number;
  readonly weighted?: boolean;
}

/** Plays the traces that are present, several processes at once. */
export async function playTraces(
  label: string,
  plays: readonly Play[],
  traces: readonly DeveloperTrace[],
  { traceFolder, output }: GroupContext,
): Promise<HitRatios> {
  const module = new URL('replay-worker.js', import.meta.url);
  const jobs = traces
    .filter((trace) => isPresent(trace, traceFolder))
    .flatMap(({ name, capacities }) =>
      plays.map(({ policy, seed, weighted = false }): Job<ReplayInput> => {
        return {
          module,
          input: { trace: name, traceFolder, policy, capacities, seed, weighted },
        };
      }),
    );
  const outputs = await output.task(label, jobs.length, (onDone) =>
    runJobs<ReplayInput, ReplayOutput>(jobs, onDone, {
      atOnce: Math.min(4, availableParallelism()),
    }),
  );
  return new HitRatios(
    jobs.map(({ input }, index) => ({ ...input, ...(outputs[index] as ReplayOutput) })),
  );
}
