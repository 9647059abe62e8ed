import { COLOURS, writeChart } from '../harness/chart.ts';
import type { SpeedMeasurement } from './speed-measurement.ts';
import { WORKLOAD_TITLES, type Workload } from './speed.ts';

const WORKLOADS: readonly Workload[] = ['getHit', 'setExisting', 'evictingSet', 'readThrough'];
const BARS: readonly { readonly name: string; readonly label: string; readonly colour: string }[] =
  [
    { name: 'adaptive', label: '@perf adaptive', colour: COLOURS.blue },
    { name: 'lru', label: '@perf lru', colour: COLOURS.sky },
    { name: 'sieve', label: '@perf sieve', colour: COLOURS.green },
    { name: 's3fifo', label: '@perf s3fifo', colour: COLOURS.purple },
    { name: 'mnemonist LRUMap', label: 'mnemonist LRUMap', colour: COLOURS.orange },
    { name: 'transitory', label: 'transitory', colour: COLOURS.vermilion },
  ];

/** Bars of speed by workload, lru-cache being 1. @returns the file's path */
export function writeSpeedChart(measurement: SpeedMeasurement): Promise<string> {
  const measured = BARS.filter(({ name }) =>
    measurement.subjects('plain', 'getHit').includes(name),
  );
  return writeChart(
    'memory-speed',
    {
      title: {
        text: 'Speed of memory caches against lru-cache',
        subtext: '10,000 entries of 100,000 string keys; longer is faster; medians over processes',
        left: 'center',
      },
      legend: { bottom: 4, itemGap: 28 },
      grid: { left: 60, right: 20, top: 70, bottom: 90 },
      xAxis: { type: 'category', data: WORKLOADS.map((workload) => WORKLOAD_TITLES[workload]) },
      yAxis: { type: 'value', name: '× lru-cache', nameLocation: 'middle', nameGap: 36 },
      series: measured.map(({ name, label, colour }, index) => ({
        type: 'bar',
        name: label,
        itemStyle: { color: colour },
        label: { show: true, position: 'top', fontSize: 10, formatter: '{c}' },
        data: WORKLOADS.map((workload) => {
          const ratio = measurement.compare('plain', workload, name, 'lru-cache')?.ratio;
          return ratio === undefined ? null : Number(ratio.toFixed(2));
        }),
        ...(index === 0 ? { markLine: LINE_AT_LRU_CACHE } : {}),
      })),
    },
    { width: 900, height: 460 },
  );
}

const LINE_AT_LRU_CACHE = {
  silent: true,
  symbol: 'none',
  data: [{ yAxis: 1 }],
  label: { formatter: 'lru-cache', position: 'insideEndTop' },
  lineStyle: { color: COLOURS.grey, type: 'dashed' },
};
