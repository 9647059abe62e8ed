import type { Labels } from '../series/labels.ts';

/** A number that goes up and down. */
export interface Gauge {
  /** Sets it; `NaN` and infinities are values, too. */
  set(value: number): void;
  /** @param amount @default 1 */
  inc(amount?: number): void;
  /** @param amount @default 1 */
  dec(amount?: number): void;
  readonly value: number;
}

/** A gauge for each set of labels. */
export interface GaugeFamily<Name extends string> {
  /** The gauge of these labels, always the same object. @throws {@link LabelError} when the labels are not exactly those of the metric */
  child(labels: Labels<Name>): Gauge;
  /** Short for `child(labels).set(value)`. */
  set(labels: Labels<Name>, value: number): void;
  /** Short for `child(labels).inc(amount)`. */
  inc(labels: Labels<Name>, amount?: number): void;
  /** Short for `child(labels).dec(amount)`. */
  dec(labels: Labels<Name>, amount?: number): void;
  /** Removes a series; what still holds its child counts nowhere. @returns whether there was one */
  remove(labels: Labels<Name>): boolean;
  /** Removes all series. */
  clear(): void;
}
