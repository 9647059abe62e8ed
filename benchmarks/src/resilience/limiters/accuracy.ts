import { runJobs } from '../../harness/job.ts';
import { median } from '../../harness/statistics.ts';
import { plainTable } from '../../harness/result-table.ts';
import { judge, type ResultRow, type Target } from '../../harness/target.ts';
import type { Family } from '../../harness/family.ts';
import { writeAccuracyChart } from './accuracy-chart.ts';
import { PLOTTED, type AccuracySubject } from './accuracy-subjects.ts';
import type { AccuracyInput } from './accuracy-worker.ts';
import { errorPercent, mostAtOnce, type Admissions } from './admissions.ts';

const SPEEDS = [
  { rate: 1000, burst: 100 },
  { rate: 50_000, burst: 5000 },
] as const;
const PEERS: readonly AccuracySubject[] = [
  'limiter TokenBucket',
  'limiter RateLimiter',
  'rate-limiter-flexible',
  'rate-limiter-flexible, bursty',
];
const JUDGED: readonly AccuracySubject[] = ['tokenBucket', 'tokenBucket, precise'];
const PEER = 'rate-limiter-flexible, bursty';

type Measured = ReadonlyMap<string, readonly Admissions[]>;

/** What limiters admit of twice as much as is allowed. */
export const accuracy: Family = async ({ quick, plots, output }) => {
  const duration = quick ? 2000 : 5000;
  const runs = quick ? 1 : 5;
  const jobs = SPEEDS.flatMap(({ rate, burst }) =>
    [...JUDGED, ...PEERS].flatMap((subject) =>
      Array.from({ length: runs }, () => jobOf({ subject, rate, burst, duration })),
    ),
  );
  const outputs = await output.task('admitted rates', jobs.length, (onDone) =>
    runJobs<AccuracyInput, Admissions>(jobs, onDone),
  );
  const measured = new Map<string, Admissions[]>();
  for (const [index, { input }] of jobs.entries()) {
    const name = nameOf(input.subject, input.rate);
    measured.set(name, [...(measured.get(name) ?? []), outputs[index] as Admissions]);
  }
  output.line(accuracyTable(measured));
  if (plots) {
    const { rate, burst } = SPEEDS[0];
    const plotJobs = PLOTTED.map((subject) => jobOf({ subject, rate, burst, duration: 4000 }));
    const lines = await output.task('admitted rates for the plot', plotJobs.length, (onDone) =>
      runJobs<AccuracyInput, Admissions>(plotJobs, onDone),
    );
    const named = PLOTTED.map((subject, index) => [subject, lines[index] as Admissions] as const);
    output.line(`wrote ${await writeAccuracyChart(named, rate, burst)}`);
  }
  return SPEEDS.flatMap((speed) => rowsOf(measured, speed));
};

function rowsOf(
  measured: Measured,
  { rate, burst }: { readonly rate: number; readonly burst: number },
): ResultRow[] {
  const of = (subject: AccuracySubject): readonly Admissions[] =>
    measured.get(nameOf(subject, rate)) ?? [];
  const errorOf = (subject: AccuracySubject): number =>
    median(of(subject).map((one) => Math.abs(errorPercent(one, rate / 1000, burst))));
  const excessOf = (subject: AccuracySubject): number =>
    Math.max(...of(subject).map(({ times }) => mostAtOnce(times, rate / 1000) - burst));
  const at = `${rate.toLocaleString('en')}/s`;
  return [
    judge(targetOf(`error at ${at}`, '%', 0.5, 0.2), {
      ours: errorOf('tokenBucket'),
      peer: errorOf(PEER),
    }),
    judge(targetOf(`most above rate · W + burst at ${at}, precise`, 'admitted', 0, 0), {
      ours: Math.max(0, Math.floor(excessOf('tokenBucket, precise'))),
      peer: Math.max(0, Math.floor(excessOf(PEER))),
    }),
    judge(
      // A millisecond of the coarse clock, and a turn of the loop that offers, which is well below one.
      targetOf(`the same with the coarse clock, ≤ 2 ms’ worth`, 'admitted', rate / 500, 0),
      {
        ours: Math.max(0, Math.floor(excessOf('tokenBucket'))),
        peer: Math.max(0, Math.floor(excessOf(PEER))),
      },
    ),
  ];
}

function targetOf(what: string, unit: string, must: number, reach: number): Target {
  return {
    id: 'res-9',
    what,
    peerName: PEER,
    unit,
    judged: 'ours',
    bound: 'at most',
    must,
    reach,
  };
}

function accuracyTable(measured: Measured): string {
  const rows = SPEEDS.flatMap(({ rate, burst }) =>
    [...JUDGED, ...PEERS].map((subject) => {
      const all = measured.get(nameOf(subject, rate)) ?? [];
      const errors = all.map((one) => errorPercent(one, rate / 1000, burst));
      const excess = Math.max(...all.map(({ times }) => mostAtOnce(times, rate / 1000) - burst));
      return [
        `${rate.toLocaleString('en')}/s, burst ${burst}`,
        subject,
        `${median(errors).toFixed(2)} %`,
        excess.toFixed(1),
      ];
    }),
  );
  return plainTable([['limit', 'limiter', 'error', 'above rate · W + burst'], ...rows], 2);
}

function jobOf(input: AccuracyInput): { readonly module: URL; readonly input: AccuracyInput } {
  return { module: new URL('accuracy-worker.js', import.meta.url), input };
}

function nameOf(subject: AccuracySubject, rate: number): string {
  return `${subject} at ${rate}`;
}
