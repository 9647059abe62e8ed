import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { init, type EChartsCoreOption } from 'echarts';
import { ROOT } from './results-file.ts';

/** Colours that differ for colour-blind eyes too, with a grey for limits (Okabe and Ito, 2008). */
export const COLOURS = {
  blue: '#0072B2',
  orange: '#E69F00',
  green: '#009E73',
  purple: '#CC79A7',
  sky: '#56B4E9',
  vermilion: '#D55E00',
  grey: '#767676',
} as const;

/** What all charts share: readable text on white, in light and dark pages alike. */
const CHART_STYLE = {
  animation: false,
  backgroundColor: '#ffffff',
  textStyle: { fontFamily: 'system-ui, sans-serif', fontSize: 13 },
} as const;

/** Renders a chart as SVG to `docs/plots/<name>.svg`. @returns its path, from the repository's root */
export async function writeChart(
  name: string,
  option: EChartsCoreOption,
  size: { readonly width: number; readonly height: number },
): Promise<string> {
  const chart = init(null, null, { renderer: 'svg', ssr: true, ...size });
  chart.setOption({ ...CHART_STYLE, ...option });
  const svg = chart.renderToSVGString();
  chart.dispose();
  const file = path.join(ROOT, 'docs', 'plots', `${name}.svg`);
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, `${svg}\n`);
  return path.relative(ROOT, file);
}
