import { quantile } from '../../harness/statistics.ts';
import { plainTable } from '../../harness/result-table.ts';
import { judge, type ResultRow, type Target } from '../../harness/target.ts';
import type { Family } from '../../harness/family.ts';
import { playScenario, type Tally } from './play-scenario.ts';

const FULL = 30;
const QUICK = 6;

/** Whether the registry of breakers tells which services began to fail together; simulated, so exact. */
export const correlation: Family = async ({ quick, output }) => {
  const runs = quick ? QUICK : FULL;
  const tallies: Tally[] = [];
  await output.task('failures that began together, simulated', runs, async (onDone) => {
    for (let seed = 1; seed <= runs; seed++) {
      tallies.push(await playScenario(seed));
      onDone(seed);
    }
  });
  const sum = (of: (tally: Tally) => number): number =>
    tallies.reduce((total, tally) => total + of(tally), 0);
  const precision = sum(({ right }) => right) / sum(({ reported }) => reported);
  const recall = (kind: keyof Tally['happened']): number =>
    sum(({ happened }) => happened[kind].found) / sum(({ happened }) => happened[kind].pairs);
  const delays = tallies.flatMap((tally) => tally.delays);
  output.line(`${sum(({ reported }) => reported)} pairs of services were reported`);
  output.line(
    plainTable(
      [
        ['precision', 'recall, shared', 'recall, cascade', 'told after, median', 'p90'],
        [
          ...[precision, recall('shared dependency'), recall('cascade')].map((part) =>
            part.toFixed(3),
          ),
          ...[0.5, 0.9].map((part) => `${(quantile(delays, part) / 1000).toFixed(1)} s`),
        ],
      ],
      0,
    ),
  );
  return [
    row('pairs reported as failing together that do (precision)', precision, 0.9, 0.95),
    row('pairs that share a dependency that are reported (recall)', recall('shared dependency')),
    row('pairs of a cascade that are reported (recall)', recall('cascade'), 0.6, 0.8),
  ];
};

function row(what: string, ours: number, must = 0.85, reach = 0.95): ResultRow {
  const target: Target = {
    id: 'R2',
    what,
    peerName: '',
    unit: '',
    judged: 'ours',
    bound: 'at least',
    must,
    reach,
  };
  return judge(target, { ours });
}
