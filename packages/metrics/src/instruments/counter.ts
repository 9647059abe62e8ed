import type { Labels } from '../series/labels.ts';

/** A number that only grows. */
export interface Counter {
  /**
   * Adds to it. What is negative or no finite number is not added: it is told by the event `invalid` and counted in `stats()`. Never throws.
   * @param amount @default 1
   * @param exemplar labels of what was counted, such as `{ trace_id }`
   */
  inc(amount?: number, exemplar?: Labels): void;
  readonly value: number;
}

/** A counter for each set of labels. */
export interface CounterFamily<Name extends string> {
  /**
   * The counter of these labels, always the same object: keep it where the labels are known beforehand. Beyond the limit of series it
   * is the one that all others share.
   * @throws {@link LabelError} when the labels are not exactly those of the metric
   */
  child(labels: Labels<Name>): Counter;
  /** Short for `child(labels).inc(amount, exemplar)`. */
  inc(labels: Labels<Name>, amount?: number, exemplar?: Labels): void;
  /** Removes a series; what still holds its child counts nowhere. @returns whether there was one */
  remove(labels: Labels<Name>): boolean;
  /** Removes all series. */
  clear(): void;
}
