import { LabelError } from '../errors.ts';
import { cleanLabelValue, joinLabelTexts, labelText } from './label-text.ts';
import { LabelNode } from './label-node.ts';
import { OVERFLOW_VALUE, type Labels, type LabelValue } from './labels.ts';

/** What a table knows of each of its series. */
export interface LabelledSeries {
  /** In the order of the label names. */
  readonly labelValues: readonly string[];
}

/** What a table of series is made with. */
export interface SeriesTableOptions<Series> {
  /** Names the metric in errors. */
  readonly metric: string;
  readonly labelNames: readonly string[];
  /** Labels of every series, as a text. */
  readonly defaultText: string;
  readonly limit: number;
  readonly maxLabelLength: number;
  make(labelValues: readonly string[], labelText: string): Series;
  /** Called at the first series beyond the limit. */
  overflow(label: string): void;
}

/** Half a character, which no series has as a label. */
const NOWHERE = '\uDC00';

/** Which series some labels have: a node for each value of a label, within that of the label before. */
export class SeriesTable<Series extends LabelledSeries> {
  /** In the order in which they were made. */
  readonly all: Series[] = [];
  /** Look-ups of labels beyond the limit. */
  overflowed = 0;
  readonly #options: SeriesTableOptions<Series>;
  readonly #names: readonly string[];
  readonly #last: number;
  /** Of nodes within nodes, and of series within those of the last label. */
  readonly #root: LabelNode<unknown> = new LabelNode();
  #rest: Series | undefined;
  /** Whether the rest is one of its own, which the limit does not count. */
  #restIsExtra = false;

  constructor(options: SeriesTableOptions<Series>) {
    this.#options = options;
    this.#names = options.labelNames;
    this.#last = this.#names.length - 1;
  }

  /**
   * The series of these labels, which is made if there is none; beyond the limit the one of all others.
   * @throws {@link LabelError} when the labels are not those of the metric; only looked at when the series is new
   */
  find(labels: Labels | undefined | null): Series {
    const names = this.#names;
    const last = this.#last;
    // By hand for two labels, of which most metrics have no more.
    if (last === 1) {
      const inner = this.#root.get(textOf(labels?.[names[0] as string]));
      if (inner === undefined) return this.#add(labels);
      const series = (inner as LabelNode<unknown>).get(textOf(labels?.[names[1] as string]));
      return (series as Series | undefined) ?? this.#add(labels);
    }
    let node = this.#root;
    for (let at = 0; at < last; at++) {
      const next = node.get(textOf(labels?.[names[at] as string]));
      if (next === undefined) return this.#add(labels);
      node = next as LabelNode<unknown>;
    }
    const series = node.get(textOf(labels?.[names[last] as string]));
    return (series as Series | undefined) ?? this.#add(labels);
  }

  /** Takes a series out. */
  remove(labels: Labels): Series | undefined {
    const values = this.#valuesOf(labels);
    const series = this.#get(values);
    if (series === undefined) return undefined;
    this.#unlink(this.#root, values, 0);
    this.all.splice(this.all.indexOf(series), 1);
    this.#forget(series);
    return series;
  }

  /** Takes out all series but those. @returns those that are gone */
  retain(keep: (series: Series) => boolean): readonly Series[] {
    const gone: Series[] = [];
    let kept = 0;
    for (const series of this.all) {
      if (keep(series)) this.all[kept++] = series;
      else gone.push(series);
    }
    this.all.length = kept;
    for (const series of gone) {
      this.#unlink(this.#root, series.labelValues, 0);
      this.#forget(series);
    }
    return gone;
  }

  #forget(series: Series): void {
    if (series !== this.#rest) return;
    this.#rest = undefined;
    this.#restIsExtra = false;
  }

  #add(labels: Labels | undefined | null): Series {
    const values = this.#valuesOf(labels);
    const { limit, labelNames, defaultText } = this.#options;
    // Those that were given as another type, or were too long.
    const found = this.#get(values);
    if (found !== undefined) return found;
    const hasRoom = this.all.length - (this.#restIsExtra ? 1 : 0) < limit;
    if (!hasRoom) {
      this.overflowed++;
      if (this.#rest !== undefined) return this.#rest;
      this.#options.overflow(this.#mostDiverse());
    }
    const own = hasRoom ? values : labelNames.map(() => OVERFLOW_VALUE);
    let series = this.#get(own);
    if (series === undefined) {
      series = this.#options.make(own, joinLabelTexts(defaultText, labelText(labelNames, own)));
      this.#link(own, series);
      this.all.push(series);
      if (!hasRoom) this.#restIsExtra = true;
    }
    if (!hasRoom) this.#rest = series;
    return series;
  }

  #get(values: readonly string[]): Series | undefined {
    if (values.length === 0) return this.all[0];
    let node: unknown = this.#root;
    for (const value of values) node = (node as LabelNode<unknown> | undefined)?.get(value);
    return node as Series | undefined;
  }

  #link(values: readonly string[], series: Series): void {
    let node = this.#root;
    values.forEach((value, at) => {
      if (at === this.#last) {
        node.add(value, series);
        return;
      }
      let next = node.get(value) as LabelNode<unknown> | undefined;
      if (next === undefined) node.add(value, (next = new LabelNode()));
      node = next;
    });
  }

  #unlink(node: LabelNode<unknown>, values: readonly string[], at: number): void {
    const value = values[at];
    if (value === undefined) return;
    if (at < this.#last) {
      const next = node.get(value) as LabelNode<unknown> | undefined;
      if (next !== undefined) this.#unlink(next, values, at + 1);
      if (next !== undefined && next.size > 0) return;
    }
    node.delete(value);
  }

  #valuesOf(labels: Labels | undefined | null): string[] {
    const { metric, labelNames, maxLabelLength } = this.#options;
    if (typeof labels !== 'object' || labels === null) {
      throw new LabelError(metric, labelNames[0] ?? '', 'is missing: no labels were given');
    }
    for (const name of Object.keys(labels)) {
      if (!labelNames.includes(name)) {
        throw new LabelError(
          metric,
          name,
          `is not known: it has ${labelNames.join(', ') || 'no labels'}`,
        );
      }
    }
    return labelNames.map((name) => {
      const value = labels[name];
      if (value === undefined) throw new LabelError(metric, name, 'is missing');
      if (!['string', 'number', 'boolean'].includes(typeof value)) {
        throw new LabelError(
          metric,
          name,
          `must be a string, number or boolean, got ${kindOf(value)}`,
        );
      }
      return cleanLabelValue(value, maxLabelLength);
    });
  }

  #mostDiverse(): string {
    const counts = this.#names.map(
      (_, at) => new Set(this.all.map(({ labelValues }) => labelValues[at])).size,
    );
    return this.#names[counts.indexOf(Math.max(...counts))] ?? '';
  }
}

/** Anything but a text is looked up as what it is written as. */
function textOf(value: LabelValue | undefined | null): string {
  if (typeof value === 'string') return value;
  return value === undefined || value === null ? NOWHERE : String(value);
}

function kindOf(value: unknown): string {
  return value === null ? 'null' : typeof value;
}
