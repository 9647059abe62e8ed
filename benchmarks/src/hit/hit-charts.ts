import type { GroupContext } from '../harness/group.ts';
import { COLOURS, writeChart } from '../harness/chart.ts';
import type { DeveloperTrace } from './developer-traces.ts';
import type { HitRatios } from './hit-ratios.ts';
import { PEER_SEED } from './judge-hits.ts';
import { isPresent } from './load-trace.ts';
import { playTraces } from './play-traces.ts';
import type { Policy } from './policy-names.ts';

const POINTS = 9;

interface Line {
  readonly policy: Policy;
  readonly label: string;
  readonly colour: string;
  readonly symbol: string;
  readonly dash: 'solid' | 'dashed' | 'dotted';
}

const LINES: readonly Line[] = [
  { policy: 'optimum', label: 'optimum', colour: COLOURS.grey, symbol: 'none', dash: 'dotted' },
  {
    policy: 'adaptive',
    label: '@perf adaptive',
    colour: COLOURS.blue,
    symbol: 'circle',
    dash: 'solid',
  },
  {
    policy: 's3fifo',
    label: '@perf s3fifo',
    colour: COLOURS.purple,
    symbol: 'diamond',
    dash: 'solid',
  },
  {
    policy: 'sieve',
    label: '@perf sieve',
    colour: COLOURS.green,
    symbol: 'triangle',
    dash: 'solid',
  },
  {
    policy: 'transitory',
    label: 'transitory',
    colour: COLOURS.vermilion,
    symbol: 'rect',
    dash: 'dashed',
  },
  {
    policy: 'lru-cache',
    label: 'lru-cache',
    colour: COLOURS.orange,
    symbol: 'emptyCircle',
    dash: 'dashed',
  },
];

/** Hit ratio against capacity, one chart for each trace that is present. @returns the files' paths */
export async function writeHitCharts(
  traces: readonly DeveloperTrace[],
  context: GroupContext,
): Promise<string[]> {
  const spread = traces.map((trace) => ({ ...trace, capacities: spreadOut(trace.capacities) }));
  const plays = LINES.map(({ policy }) => ({ policy, seed: PEER_SEED }));
  const ratios = await playTraces('curves for the plots', plays, spread, context);
  const files: string[] = [];
  for (const trace of spread.filter((one) => isPresent(one, context.traceFolder))) {
    files.push(await writeHitChart(trace, ratios));
  }
  return files;
}

/** Capacities from half the smallest to twice the largest, at equal ratios. */
function spreadOut(capacities: readonly number[]): number[] {
  const smallest = Math.min(...capacities) / 2;
  const growth = (Math.max(...capacities) * 2) / smallest;
  return Array.from({ length: POINTS }, (_, index) =>
    Math.round(smallest * growth ** (index / (POINTS - 1))),
  );
}

function writeHitChart(trace: DeveloperTrace, ratios: HitRatios): Promise<string> {
  const lines = LINES.filter(({ policy }) => ratios.seeds(policy).length > 0);
  const { name, title, capacities } = trace;
  return writeChart(
    `hit-${name}`,
    {
      title: { text: name, subtext: title, left: 'center' },
      legend: { bottom: 4, itemWidth: 32, itemGap: 24, textStyle: { fontSize: 12 } },
      grid: { left: 64, right: 28, top: 64, bottom: 104 },
      xAxis: {
        type: 'log',
        name: 'capacity in entries',
        nameLocation: 'middle',
        nameGap: 28,
        min: capacities[0],
        max: capacities.at(-1),
        minorTick: { show: true },
        axisLabel: { formatter: (value: number) => Math.round(value).toLocaleString('en') },
      },
      yAxis: {
        type: 'value',
        name: 'hit ratio in percent',
        nameLocation: 'middle',
        nameGap: 40,
        min: 0,
        max: 100,
      },
      series: lines.map(({ policy, label, colour, symbol, dash }) => ({
        type: 'line',
        name: label,
        symbol,
        symbolSize: 7,
        showAllSymbol: true,
        itemStyle: { color: colour },
        lineStyle: { color: colour, type: dash, width: policy === 'adaptive' ? 3 : 2 },
        data: capacities.map((capacity) => [
          capacity,
          ratios.percent(policy, { trace: name, capacity }, PEER_SEED),
        ]),
      })),
    },
    { width: 820, height: 480 },
  );
}
