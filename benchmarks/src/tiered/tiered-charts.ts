import { COLOURS, writeChart } from '../harness/chart.ts';
import type { PairedCosts } from '../harness/paired-costs.ts';
import { BARE, OURS as LOCAL } from './local-hits/names.ts';
import { AWAITED, SYNCHRONOUS } from './local-hits/workloads.ts';
import { AUTO_PIPELINED, CONCURRENCIES, OURS, RAW, readsBy } from './redis-speed/workloads.ts';

const LOCAL_BARS = [
  { label: '@perf getLocal', workload: SYNCHRONOUS, subject: LOCAL.memory },
  { label: BARE, workload: AWAITED, subject: BARE },
  { label: '@perf', workload: AWAITED, subject: LOCAL.memory },
  { label: '@perf before Redis', workload: AWAITED, subject: LOCAL.shared },
  ...['layered-loader', 'lru-cache fetch', 'async-cache-dedupe'].map(awaited),
  ...['cache-manager', 'cacheable', 'bentocache'].map(awaited),
];

function awaited(subject: string): { label: string; workload: string; subject: string } {
  return { label: subject, workload: AWAITED, subject };
}

/** Bars of hits in memory per second, on a logarithmic scale. @returns the file's path */
export function writeLocalHitsChart(costs: PairedCosts): Promise<string> {
  const bars = LOCAL_BARS.map((bar) => ({ ...bar, cost: costs.cost(bar.workload, bar.subject) }))
    .filter(({ cost }) => Number.isFinite(cost))
    .toReversed();
  return writeChart(
    'tiered-local-hits',
    {
      title: {
        text: 'Hits in memory through the call that loads',
        subtext:
          'millions a second of one core, logarithmic; 1,000 values of 1 kB; longer is faster',
        left: 'center',
      },
      grid: { left: 150, right: 60, top: 70, bottom: 40 },
      // Bars of a logarithmic axis begin at 1 otherwise.
      xAxis: { type: 'log', min: 0.03, startValue: 0.03 },
      yAxis: { type: 'category', data: bars.map(({ label }) => label) },
      series: [
        {
          type: 'bar',
          label: { show: true, position: 'right' },
          data: bars.map(({ label, cost }) => ({
            value: Number((1000 / cost).toPrecision(2)),
            itemStyle: { color: colourOf(label) },
          })),
        },
      ],
    },
    { width: 900, height: 420 },
  );
}

function colourOf(label: string): string {
  if (label.startsWith('@perf')) return COLOURS.blue;
  return label === BARE ? COLOURS.grey : COLOURS.orange;
}

const LINES = [
  { subject: OURS.alone, label: '@perf', colour: COLOURS.blue },
  { subject: RAW, label: 'ioredis', colour: COLOURS.grey },
  { subject: AUTO_PIPELINED, label: AUTO_PIPELINED, colour: COLOURS.sky },
  { subject: 'layered-loader', label: 'layered-loader', colour: COLOURS.green },
  { subject: 'async-cache-dedupe', label: 'async-cache-dedupe', colour: COLOURS.purple },
  { subject: 'bentocache', label: 'bentocache', colour: COLOURS.vermilion },
];

/** Bars of hits in Redis per second by the number of callers at once. @returns the file's path */
export function writeRedisHitsChart(costs: PairedCosts): Promise<string> {
  return writeChart(
    'tiered-redis-hits',
    {
      title: {
        text: 'Hits in Redis by callers at once',
        subtext: 'thousands a second of one process, decoded; values of 1 kB; longer is faster',
        left: 'center',
      },
      legend: { bottom: 4, itemGap: 24 },
      grid: { left: 60, right: 20, top: 70, bottom: 80 },
      xAxis: {
        type: 'category',
        data: CONCURRENCIES.map((by) => (by === 1 ? '1 caller' : `${by} callers`)),
      },
      yAxis: { type: 'value', name: 'thousand hits/s', nameLocation: 'middle', nameGap: 40 },
      series: LINES.map(({ subject, label, colour }) => ({
        type: 'bar',
        name: label,
        itemStyle: { color: colour },
        label: { show: true, position: 'top', fontSize: 10 },
        data: CONCURRENCIES.map((by) => {
          const cost = costs.cost(readsBy(by), subject);
          return Number.isFinite(cost) ? Number((1000 / cost).toPrecision(3)) : null;
        }),
      })),
    },
    { width: 900, height: 460 },
  );
}
