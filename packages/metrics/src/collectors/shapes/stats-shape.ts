import type { CollectorSink } from '../../registry/collector.ts';

/** What `stats()` or `snapshot()` of something returned: a plain object, of which nothing is known yet. */
export type Stats = Readonly<Record<string, unknown>>;

/** A form that statistics may have, told by its fields: whoever has them is described, whatever package it is from. */
export interface StatsShape {
  /** What has that form, in words. */
  readonly what: string;
  matches(stats: Stats): boolean;
  /** @param name a label of every series */
  tell(sink: CollectorSink, name: string, stats: Stats): void;
}

export function isStats(value: unknown): value is Stats {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether all of the fields are numbers. */
export function hasNumbers(stats: Stats, ...fields: readonly string[]): boolean {
  return fields.every((field) => typeof stats[field] === 'number');
}

/** The number in a field; `undefined` where there is none. */
export function numberIn(stats: Stats, field: string): number | undefined {
  const value = stats[field];
  return typeof value === 'number' && !Number.isNaN(value) ? value : undefined;
}

/** The object in a field; an empty one where there is none. */
export function statsIn(stats: Stats, field: string): Stats {
  const value = stats[field];
  return isStats(value) ? value : {};
}
