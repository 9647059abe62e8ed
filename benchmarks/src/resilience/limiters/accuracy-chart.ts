import { COLOURS, writeChart } from '../../harness/chart.ts';
import type { AccuracySubject } from './accuracy-subjects.ts';
import { ratesOver, type Admissions } from './admissions.ts';

const STRETCH = 100;
/** The highest rate that is shown, in parts of the limit. */
const CUT = 2.5;
const COLOUR: Readonly<Partial<Record<AccuracySubject, string>>> = {
  tokenBucket: COLOURS.blue,
  slidingWindow: COLOURS.sky,
  'limiter TokenBucket': COLOURS.green,
  'limiter RateLimiter': COLOURS.purple,
  'rate-limiter-flexible, bursty': COLOURS.orange,
  bottleneck: COLOURS.vermilion,
  'p-throttle': '#000000',
};

/** Panels of the admitted rate over time, one for each limiter. @returns the file's path */
export function writeAccuracyChart(
  measured: readonly (readonly [AccuracySubject, Admissions])[],
  rate: number,
  burst: number,
): Promise<string> {
  const height = 120;
  const panels = measured.map(([subject, { times, span }], index) => ({
    subject,
    top: 104 + index * height,
    rates: ratesOver(times, STRETCH, span).map((value, at) => [
      (at * STRETCH) / 1000,
      Math.round(value),
    ]),
  }));
  return writeChart(
    'resilience-admitted-rate',
    {
      title: {
        text: 'Admitted rate over time, offered twice as much as is allowed',
        subtext: `${rate.toLocaleString('en')} a second${burst > 0 ? `, burst ${burst}` : ''}; each dot counts ${STRETCH} ms; the dashed line is the limit; cut at ${CUT} ×`,
        left: 'center',
      },
      grid: panels.map(({ top }) => ({ left: 70, right: 30, top, height: height - 50 })),
      xAxis: panels.map((_, gridIndex) => ({
        type: 'value',
        gridIndex,
        name: gridIndex === panels.length - 1 ? 'seconds' : '',
        nameLocation: 'middle',
        nameGap: 24,
      })),
      yAxis: panels.map(({ subject }, gridIndex) => ({
        type: 'value',
        gridIndex,
        max: rate * CUT,
        interval: rate,
        axisLabel: { showMaxLabel: false },
        name:
          subject.includes('limiter') || subject === 'bottleneck' || subject === 'p-throttle'
            ? subject
            : `@perf ${subject}`,
        nameTextStyle: { align: 'left' },
      })),
      series: panels.map(({ subject, rates }, index) => ({
        type: 'line',
        xAxisIndex: index,
        yAxisIndex: index,
        symbolSize: 4,
        itemStyle: { color: COLOUR[subject] ?? COLOURS.grey },
        lineStyle: { width: 1.5 },
        data: rates,
        markLine: {
          silent: true,
          symbol: 'none',
          label: { show: false },
          data: [{ yAxis: rate }],
          lineStyle: { color: COLOURS.grey, type: 'dashed' },
        },
      })),
    },
    { width: 900, height: 134 + panels.length * height },
  );
}
