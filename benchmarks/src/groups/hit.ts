import { cellTable } from '../hit/cell-table.ts';
import { DEVELOPER_TRACES } from '../hit/developer-traces.ts';
import { writeHitCharts } from '../hit/hit-charts.ts';
import { cellsOf, type Cell } from '../hit/hit-ratios.ts';
import { judgeHits, PEER_SEED } from '../hit/judge-hits.ts';
import { isPresent } from '../hit/load-trace.ts';
import { playTraces, type Play } from '../hit/play-traces.ts';
import type { Group } from '../harness/group.ts';

const SEEDS = [1, 2, 3, 4, 5, 6, 7, 8];
const QUICK_SEEDS = [1, 2];

/** Hit ratios on the developer traces: rows hit-1 to hit-6. */
export const hit: Group = {
  async run(context) {
    const seeds = context.quick ? QUICK_SEEDS : SEEDS;
    const plays: readonly Play[] = [
      ...seeds.map((seed) => ({ policy: 'adaptive', seed }) as const),
      ...(['lru', 'fifo', 'sieve', 's3fifo'] as const).map((policy) => ({
        policy,
        seed: PEER_SEED,
      })),
      ...(['lru-cache', 'transitory', 'optimum'] as const).map((policy) => ({
        policy,
        seed: PEER_SEED,
      })),
      ...seeds.map((seed) => ({ policy: 'adaptive', seed, weighted: true }) as const),
      { policy: 'lru-cache', seed: PEER_SEED, weighted: true },
    ];
    const ratios = await playTraces('traces', plays, DEVELOPER_TRACES, context);
    const cells = cellsOf(DEVELOPER_TRACES);
    context.output.line(cellTable(ratios, cells, plays));
    if (context.plots) {
      for (const file of await writeHitCharts(DEVELOPER_TRACES, context)) {
        context.output.line(`wrote ${file}`);
      }
    }
    return judgeHits(ratios, cells, (policy, needed) =>
      whyMissing(policy, needed, context.traceFolder),
    );
  },
};

function whyMissing(policy: string, cells: readonly Cell[], traceFolder: string): string {
  const missing = DEVELOPER_TRACES.filter(
    (trace) => cells.some((cell) => cell.trace === trace.name) && !isPresent(trace, traceFolder),
  ).map(({ name }) => name);
  return missing.length === 0
    ? `${policy} was not played`
    : `no ${missing.join(', ')} in ${traceFolder}`;
}
