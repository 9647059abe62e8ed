import { plainTable } from '../harness/result-table.ts';
import type { Cell, HitRatios } from './hit-ratios.ts';
import type { Play } from './play-traces.ts';

/** Hit ratios of all policies in all cells, and their means over those cells where they have one. */
export function cellTable(
  ratios: HitRatios,
  cells: readonly Cell[],
  plays: readonly Play[],
): string {
  const plain = plays.filter(({ weighted }) => weighted !== true);
  const shown = plain.filter(
    ({ policy, seed }) => ratios.seeds(policy).includes(seed) && isFirst({ policy, seed }, plain),
  );
  const line = ({ trace, capacity }: Cell): string[] => [
    `${trace}@${capacity}`,
    ...shown.map(({ policy, seed }) => format(ratios.percent(policy, { trace, capacity }, seed))),
  ];
  return plainTable(
    [
      ['hits %', ...shown.map(({ policy }) => policy)],
      ...cells.map(line),
      ['mean', ...shown.map(({ policy, seed }) => format(ratios.mean(policy, cells, seed)))],
    ],
    1,
  );
}

function isFirst({ policy, seed }: Play, plays: readonly Play[]): boolean {
  return plays.find((play) => play.policy === policy)?.seed === seed;
}

function format(percent: number | undefined): string {
  return percent?.toFixed(2) ?? '–';
}
