import { seededRandom } from '@perf/core';
import { FAULTS, type Fault } from '@perf/faulty-service';
import type { Family } from '../../harness/family.ts';
import { runJobs } from '../../harness/job.ts';
import { plainTable } from '../../harness/result-table.ts';
import { shuffled } from '../../harness/statistics.ts';
import { judge, type Target } from '../../harness/target.ts';
import { confusionTable, rightShare } from './confusion.ts';
import type { DiagnosisInput, DiagnosisOutput } from './diagnosis-worker.ts';

const FULL = { runs: 20, duration: 10_000 };
const QUICK = { runs: 2, duration: 10_000 };
/** Most of them wait most of the time. */
const AT_ONCE = 4;

const EXPECTED: Readonly<Record<Fault, string>> = {
  healthy: 'healthy',
  'blocked-loop': 'event-loop-blocked',
  'gc-churn': 'gc-pressure',
  leak: 'memory-leak',
  'taken-threads': 'thread-pool-starvation',
  'slow-dependency': 'slow-dependency',
  'exhausted-pool': 'pool-exhaustion',
  'bad-cache': 'low-hit-rate',
};

/** Whether services with a fault are told what it is, and healthy ones nothing: met-7. */
export const diagnosis: Family = async ({ quick, output }) => {
  const { runs, duration } = quick ? QUICK : FULL;
  const inputs = FAULTS.flatMap((fault) =>
    Array.from({ length: runs }, (_, index) => ({ fault, seed: index + 1, duration })),
  );
  // In random order, so that what else the machine does meets all alike.
  const jobs = shuffled(inputs, seededRandom(1)).map((input) => ({
    module: new URL('diagnosis-worker.js', import.meta.url),
    input: input satisfies DiagnosisInput,
  }));
  const judged = await output.task('faulty services, in fresh processes', jobs.length, (onDone) =>
    runJobs<DiagnosisInput, DiagnosisOutput>(jobs, onDone, { atOnce: AT_ONCE }),
  );
  output.line('first verdicts (columns) on faults (rows)');
  output.line(plainTable(confusionTable(judged, EXPECTED), 1));
  for (const { fault, verdict, findings } of judged) {
    if (EXPECTED[fault] !== verdict)
      output.line(`${fault} was said to be: ${findings.join('; ') || verdict}`);
  }
  const faulty = FAULTS.filter((fault) => fault !== 'healthy');
  const onHealthy = judged.filter(
    ({ fault, verdict }) => fault === 'healthy' && verdict !== 'healthy',
  );
  return [
    judge(target('right first verdicts on injected faults', '%', 'at least', 95, 99), {
      ours: rightShare(judged, EXPECTED, faulty) * 100,
    }),
    judge(target('verdicts on healthy services', '', 'at most', 0, 0), { ours: onHealthy.length }),
  ];
};

function target(
  what: string,
  unit: string,
  bound: Target['bound'],
  must: number,
  reach: number,
): Target {
  return { id: 'met-7', what, peerName: '', unit, judged: 'ours', bound, must, reach };
}
