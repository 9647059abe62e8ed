import { setTimeout as wait } from 'node:timers/promises';
import { startService, type Fault } from '@perf/faulty-service';
import { diagnose } from '@perf/metrics/diagnose';
import { createProfiler } from '@perf/metrics/profiler';
import { serveJob } from '../../harness/job.ts';

/** Work of one process. */
export interface DiagnosisInput {
  readonly fault: Fault;
  readonly seed: number;
  /** How long the service runs before it is judged, in milliseconds. */
  readonly duration: number;
}

/** What was said of it. */
export interface DiagnosisOutput {
  readonly fault: Fault;
  readonly verdict: string;
  /** In words, for those that are wrong. */
  readonly findings: readonly string[];
}

/** Memory is watched for minutes by default; here it is for as long as the service runs, of which leaks are the larger. */
const LEAK_SPAN = '5s';

async function run({ fault, seed, duration }: DiagnosisInput): Promise<DiagnosisOutput> {
  const profiler = createProfiler();
  profiler.start();
  const service = await startService({
    fault,
    seed,
    run: (component, operation, fn) => profiler.run(component, operation, fn),
  });
  await wait(duration);
  const context = { pools: service.pools(), caches: service.caches() };
  const { verdict, findings } = diagnose(profiler.profile(), context, { leakSpan: LEAK_SPAN });
  return {
    fault,
    verdict,
    findings: findings.map(
      ({ cause, confidence, summary }) => `${cause} (${confidence.toFixed(2)}): ${summary}`,
    ),
  };
}

serveJob(run);
