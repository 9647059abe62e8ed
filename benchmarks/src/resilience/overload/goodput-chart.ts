import { COLOURS, writeChart } from '../../harness/chart.ts';

/** One curve. */
export interface GoodputLine {
  readonly name: string;
  /** Offered and useful calls, in capacities. */
  readonly points: readonly (readonly [offered: number, goodput: number])[];
}

const LINE_COLOURS = [COLOURS.vermilion, COLOURS.blue, COLOURS.green];

/** Useful answers over offered calls. @returns the file's path */
export function writeGoodputChart(lines: readonly GoodputLine[]): Promise<string> {
  return writeChart(
    'resilience-goodput',
    {
      title: {
        text: 'Answers in time from a service that is offered too much',
        subtext: '20 workers, 10 ms a call on average, answers within 200 ms count; simulated',
        left: 'center',
      },
      legend: { bottom: 0 },
      grid: { left: 60, right: 30, top: 70, bottom: 80 },
      xAxis: {
        type: 'value',
        name: 'offered, in capacities',
        nameLocation: 'middle',
        nameGap: 28,
      },
      yAxis: {
        type: 'value',
        name: 'goodput, in capacities',
        nameLocation: 'middle',
        nameGap: 36,
        max: 1.2,
      },
      series: lines.map(({ name, points }, index) => ({
        name,
        type: 'line',
        data: points,
        symbolSize: 5,
        itemStyle: { color: LINE_COLOURS[index] },
        lineStyle: { width: 2 },
      })),
    },
    { width: 720, height: 420 },
  );
}
