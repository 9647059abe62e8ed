import type { Family } from '../../harness/family.ts';
import { runJobs } from '../../harness/job.ts';
import { plainTable } from '../../harness/result-table.ts';
import { quantile } from '../../harness/statistics.ts';
import { judge, type Target } from '../../harness/target.ts';
import type { LeaksInput, LeaksOutput } from './leaks-worker.ts';
import type { Shape } from './memory-series.ts';

const FULL = 240;
const QUICK = 24;
/** A process does so many. */
const PER_JOB = 12;
const LEAK = 1024 * 1024;
/** A leak is looked for so long, and what has none watched for so long; minutes. */
const LONGEST = 20;
const WATCHED = 30;

/** Those in which noise does not hide so small a leak for ten minutes whatever is done. */
const LEAKING: readonly Shape[] = ['noise', 'saw-tooth'];
const STEADY: readonly Shape[] = ['noise', 'lasting noise', 'saw-tooth', 'seasons'];

/** When a leak of 1 MB a minute is seen under noise of 20 %, and how often one is seen where there is none: met-8. Simulated, so exact. */
export const leaks: Family = async ({ quick, output }) => {
  const count = quick ? QUICK : FULL;
  const cases = [
    ...LEAKING.map((shape) => ({ shape, leak: LEAK, minutes: LONGEST })),
    ...STEADY.map((shape) => ({ shape, leak: 0, minutes: WATCHED })),
  ];
  const perCase = count / PER_JOB;
  const jobs = cases.flatMap((one) =>
    Array.from({ length: perCase }, (_, index) => ({
      module: new URL('leaks-worker.js', import.meta.url),
      input: { ...one, firstSeed: 1 + index * PER_JOB, series: PER_JOB } satisfies LeaksInput,
    })),
  );
  const outputs = await output.task(
    'memory with and without a leak, simulated',
    jobs.length,
    (onDone) => runJobs<LeaksInput, LeaksOutput>(jobs, onDone, { atOnce: 2 }),
  );
  const results = cases.map((one, index) => ({
    ...one,
    minutes: outputs.slice(index * perCase, (index + 1) * perCase).flat(),
  }));
  output.line(
    plainTable(
      [
        ['memory', 'leak', 'series', 'suspected', 'after, median', 'p95'],
        ...results.map(({ shape, leak, minutes }) => {
          const seen = minutes.filter((one) => one !== undefined);
          return [
            shape,
            leak > 0 ? '1 MB/min' : 'none',
            String(minutes.length),
            String(seen.length),
            ...[0.5, 0.95].map((part) =>
              seen.length === 0 ? '–' : `${quantile(seen, part).toFixed(1)} min`,
            ),
          ];
        }),
      ],
      2,
    ),
  );
  const leaking = results.filter(({ leak }) => leak > 0).flatMap(({ minutes }) => minutes);
  const steady = results.filter(({ leak }) => leak === 0).flatMap(({ minutes }) => minutes);
  const falseAlarms = steady.filter((one) => one !== undefined).length / steady.length;
  return [
    judge(target('time until a leak of 1 MB/min is seen under noise of 20 %, p95', 'min', 10, 5), {
      // Not seen at all is late.
      ours: quantile(
        leaking.map((one) => one ?? Infinity),
        0.95,
      ),
    }),
    judge(
      target('false alarms on stationary and seasonal series, half an hour each', '%', 1, 0.1),
      {
        ours: falseAlarms * 100,
      },
    ),
  ];
};

function target(what: string, unit: string, must: number, reach: number): Target {
  return { id: 'met-8', what, peerName: '', unit, judged: 'ours', bound: 'at most', must, reach };
}
