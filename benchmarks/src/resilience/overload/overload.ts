import { adaptiveBulkhead, aimd, vegas } from '@perf/resilience';
import type { Policy } from '@perf/core';
import { seededRandom, type ManualClock } from '@perf/core/testing';
import { median } from '../../harness/statistics.ts';
import { judge, type ResultRow, type Target } from '../../harness/target.ts';
import type { Family } from '../../harness/family.ts';
import { writeGoodputChart, type GoodputLine } from './goodput-chart.ts';
import { playLoad, WORK_TIME, type LoadResult, type Work } from './play-load.ts';

const FULL = { seeds: 5, duration: 30_000 };
const QUICK = { seeds: 2, duration: 10_000 };
/** At how much of its capacity a service counts as unloaded. */
const UNLOADED = 0.3;
const OVERLOAD = 2;
const SWEEP = [0.25, 0.5, 0.75, 1, 1.25, 1.5, 2, 2.5, 3];

type Make = ((clock: ManualClock) => Policy) | undefined;

const withVegas: Make = (clock) =>
  adaptiveBulkhead({ clock, algorithm: vegas({ random: seededRandom(1) }) });
const withAimd: Make = (clock) =>
  adaptiveBulkhead({ clock, algorithm: aimd({ targetTime: 2 * WORK_TIME }) });

const WORKS: readonly (readonly [Work, string])[] = [
  ['steady', 'calls of equal work'],
  ['exponential', 'calls of varying work'],
];

/** What an adaptive limit makes of a service of fixed capacity that is offered more than it can do; simulated, so exact. */
export const overload: Family = async (context) => {
  const { quick, output } = context;
  const { seeds, duration } = quick ? QUICK : FULL;
  const play = async (make: Make, work: Work, offered: number): Promise<LoadResult> => {
    const results: LoadResult[] = [];
    for (let seed = 1; seed <= seeds; seed++) {
      results.push(await playLoad(make, { work, offered, duration, seed }));
    }
    return {
      goodput: median(results.map(({ goodput }) => goodput)),
      p99: median(results.map(({ p99 }) => p99)),
    };
  };
  const rows: ResultRow[] = [];
  await output.task('overload, simulated', WORKS.length, async (onDone) => {
    for (const [index, [work, title]] of WORKS.entries()) {
      const unloaded = await play(undefined, work, UNLOADED);
      const bare = await play(undefined, work, OVERLOAD);
      const limited = await play(withVegas, work, OVERLOAD);
      rows.push(
        judge(goodputTarget(title), { ours: limited.goodput, peer: bare.goodput }),
        judge(delayTarget(title), { ours: limited.p99, peer: unloaded.p99 }),
      );
      onDone(index + 1);
    }
  });
  if (context.plots) {
    const lines: GoodputLine[] = [];
    for (const [name, make] of [
      ['without a limit', undefined],
      ['adaptive limit, vegas', withVegas],
      ['adaptive limit, aimd', withAimd],
    ] as const) {
      const points: [number, number][] = [];
      for (const offered of SWEEP) {
        points.push([offered, (await play(make, 'exponential', offered)).goodput]);
      }
      lines.push({ name, points });
    }
    output.line(`wrote ${await writeGoodputChart(lines)}`);
  }
  return rows;
};

const goodputTarget = (title: string): Target => ({
  id: 'res-12',
  what: `goodput at 2 × overload, ${title}`,
  peerName: 'no limit',
  unit: '× capacity',
  judged: 'ours',
  bound: 'at least',
  must: 0.9,
  reach: 0.95,
});

const delayTarget = (title: string): Target => ({
  id: 'res-12',
  what: `p99 at 2 × overload, ${title}`,
  peerName: 'unloaded',
  unit: 'ms',
  judged: 'ratio',
  bound: 'at most',
  must: 3,
  reach: 2,
});
