import { labelText } from '../series/label-text.ts';
import type { Exemplar } from '../instruments/exemplar.ts';
import type {
  FamilyView,
  HistogramView,
  ScalarView,
  SeriesView,
  SummaryView,
} from '../instruments/family-view.ts';
import type { MetricDefinition } from '../instruments/metric-definition.ts';
import { cumulativeCounts } from './classic-buckets.ts';
import { numberText } from './number-text.ts';
import { PIECE_SIZE, type Pieces } from './pieces.ts';

const BACKSLASH_OR_LINE = /[\\\n]/g;
const BACKSLASH_LINE_OR_QUOTE = /[\\\n"]/g;

/** Of which the text formats differ. */
export interface TextDialect {
  readonly isOpenMetrics: boolean;
}

/**
 * The text format of Prometheus, version 0.0.4, or OpenMetrics 1.0. Sources: prometheus.io/docs/instrumenting/exposition_formats and
 * prometheus.io/docs/specs/om/open_metrics_spec.
 * @yields whole lines
 */
export function* writeText(families: Iterable<FamilyView>, dialect: TextDialect): Pieces {
  let piece = '';
  for (const family of families) {
    if (family.series.length === 0) continue;
    piece += headOf(family.definition, dialect);
    if (family.kind === 'histogram' || family.kind === 'summary') {
      const write = linesWriter(family, dialect);
      for (let at = 0; at < family.series.length; at++) {
        piece += write(at);
        if (piece.length < PIECE_SIZE) continue;
        yield piece;
        piece = '';
      }
    } else {
      const { name } = family.definition;
      const sample = family.kind === 'counter' ? `${name}_total` : name;
      // By hand: of most registries these are nearly all lines. Short texts are added to each other before they are added to a long one.
      for (const series of family.series) {
        piece +=
          (series.linePrefix ??= prefixOf(sample, series)) + lineEnd(series, dialect.isOpenMetrics);
        if (piece.length < PIECE_SIZE) continue;
        yield piece;
        piece = '';
      }
    }
  }
  yield dialect.isOpenMetrics ? `${piece}# EOF\n` : piece;
}

function headOf(definition: MetricDefinition, { isOpenMetrics }: TextDialect): string {
  const { kind, name, help, unit } = definition;
  const family = kind === 'counter' && !isOpenMetrics ? `${name}_total` : name;
  let head = '';
  if (help !== '') head += `# HELP ${family} ${escapeHelp(help, isOpenMetrics)}\n`;
  head += `# TYPE ${family} ${kind}\n`;
  if (isOpenMetrics && unit !== '') head += `# UNIT ${family} ${unit}\n`;
  return head;
}

/** @returns what writes all lines of a series, by its number */
function linesWriter(
  family: Extract<FamilyView, { readonly kind: 'histogram' | 'summary' }>,
  dialect: TextDialect,
): (at: number) => string {
  const { name, buckets } = family.definition;
  if (family.kind === 'summary') {
    const { series, quantiles } = family;
    return (at) => summaryLines(name, series[at] as SummaryView, quantiles);
  }
  const { series } = family;
  const bounds = [...buckets, Infinity];
  return (at) => histogramLines(name, series[at] as HistogramView, bounds, dialect);
}

function lineEnd({ value, exemplar }: ScalarView, isOpenMetrics: boolean): string {
  return isOpenMetrics && exemplar !== undefined
    ? `${numberText(value)}${exemplarText(exemplar)}\n`
    : `${numberText(value)}\n`;
}

function histogramLines(
  name: string,
  series: HistogramView,
  bounds: readonly number[],
  { isOpenMetrics }: TextDialect,
): string {
  const distribution = series.distribution();
  const exemplars = isOpenMetrics ? series.exemplars() : [];
  const inner = series.labelText === '' ? '' : `${series.labelText},`;
  const prefix = (series.linePrefix ??= [name, '_bucket{', inner, 'le="'].join(''));
  let lines = '';
  let below = -Infinity;
  cumulativeCounts(distribution, bounds).forEach((count, at) => {
    const bound = bounds[at] as number;
    const total = bound === Infinity ? distribution.count : count;
    lines += `${prefix}${boundText(bound, isOpenMetrics)}"} ${total}`;
    const lowest = below;
    const exemplar = exemplars.findLast(({ value }) => value <= bound && value > lowest);
    lines += exemplar === undefined ? '\n' : `${exemplarText(exemplar)}\n`;
    below = bound;
  });
  lines += `${prefixOf(`${name}_sum`, series)}${numberText(distribution.sum)}\n`;
  return `${lines}${prefixOf(`${name}_count`, series)}${distribution.count}\n`;
}

function summaryLines(name: string, series: SummaryView, quantiles: readonly number[]): string {
  const inner = series.labelText === '' ? '' : `${series.labelText},`;
  let lines = '';
  quantiles.forEach((quantile, at) => {
    const value = series.quantileValues[at] ?? Number.NaN;
    lines += `${name}{${inner}quantile="${quantile}"} ${numberText(value)}\n`;
  });
  const { sum, count } = series;
  if (!Number.isNaN(sum)) lines += `${prefixOf(`${name}_sum`, series)}${numberText(sum)}\n`;
  if (!Number.isNaN(count)) lines += `${prefixOf(`${name}_count`, series)}${count}\n`;
  return lines;
}

function prefixOf(sample: string, { labelText }: SeriesView): string {
  // Joined, not added: a text of one piece, which is quicker to copy each time.
  return labelText === '' ? `${sample} ` : [sample, '{', labelText, '} '].join('');
}

/** OpenMetrics has bounds as floating point: `1.0`. */
function boundText(bound: number, isOpenMetrics: boolean): string {
  const text = numberText(bound);
  return isOpenMetrics && Number.isInteger(bound) && !text.includes('e') ? `${text}.0` : text;
}

function exemplarText({ labels, value, at }: Exemplar): string {
  const text = labelText(Object.keys(labels), Object.values(labels));
  return ` # {${text}} ${numberText(value)} ${at / 1000}`;
}

function escapeHelp(help: string, isOpenMetrics: boolean): string {
  return isOpenMetrics
    ? help.replaceAll(BACKSLASH_LINE_OR_QUOTE, escape)
    : help.replaceAll(BACKSLASH_OR_LINE, escape);
}

function escape(character: string): string {
  return character === '\n' ? String.raw`\n` : `\\${character}`;
}
