import type { Target } from '../harness/target.ts';
import { EXACT_POLICIES, EXPECTED_COUNTS } from './expected-counts.ts';
import type { Cell } from './hit-ratios.ts';

type Bars = readonly [must: number, reach: number];

function target(
  id: string,
  what: string,
  peerName: string,
  judged: Target['judged'],
  [must, reach]: Bars,
): Target {
  return { id, what, peerName, unit: '%', judged, bound: 'at least', must, reach };
}

export const MEAN_TARGET: Target = target(
  'hit-1',
  'adaptive: mean of the 26 cells, worst seed',
  'optimum',
  'ours',
  [54.8, 55.4],
);

/** Against whom the mean is held, with the name it was played under. */
export const PEER_TARGETS: readonly Target[] = [
  target('hit-2', 'adaptive: mean of the 26 cells', 'lru-cache', 'difference', [7.5, 8.1]),
  target('hit-2', 'adaptive: mean of the 26 cells', 'transitory', 'difference', [2.9, 3.5]),
];

export const WORST_CELL_TARGET: Target = target(
  'hit-3',
  'adaptive: worst cell against LRU',
  'lru-cache',
  'difference',
  [-2, -0.7],
);

/** Single cells. */
export const CELL_TARGETS: readonly (Target & { readonly cell: Cell })[] = (
  [
    ['syn-loop', 1500, [37.5, 38.7]],
    ['corda-vault', 512, [32.5, 33.3]],
    ['syn-shift', 5000, [65.5, 68.5]],
  ] as const
).map(([trace, capacity, bars]) => ({
  ...target('hit-4', `adaptive: ${trace}@${capacity}`, 'lru-cache', 'ours', bars),
  cell: { trace, capacity },
}));

/** Cells in which the hits are exactly those of the definition. */
export const EXACT_TARGETS: readonly (Target & {
  readonly policy: (typeof EXACT_POLICIES)[number];
})[] = EXACT_POLICIES.map((policy) => {
  const count = EXPECTED_COUNTS.length;
  const what = `${policy}: cells of ${count} with exact hit counts`;
  return { ...target('hit-5', what, 'definition', 'ours', [count, count]), unit: 'cells', policy };
});

export const WEIGHTED_TARGET: Target = target(
  'hit-6',
  'adaptive: weighted entries, mean of the 26 cells',
  'lru-cache',
  'difference',
  [3, 6],
);
