import { checkString, ConfigError } from '@perf/core';
import { MetricConflictError } from '../errors.ts';
import type { MetricKind } from '../instruments/metric-definition.ts';

const METRIC_NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const LABEL_NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/;
const MAX_LENGTH = 256;
const COUNTER_SUFFIX = '_total';
const UNITS = [
  'seconds',
  'bytes',
  'ratio',
  'celsius',
  'meters',
  'volts',
  'amperes',
  'joules',
  'grams',
];

/** Labels that the formats use themselves. */
const RESERVED: Readonly<Record<MetricKind, readonly string[]>> = {
  counter: [],
  gauge: [],
  histogram: ['le'],
  summary: ['quantile'],
};

/** What the formats put behind the name. */
const SUFFIXES: Readonly<Record<MetricKind, readonly string[]>> = {
  counter: ['', COUNTER_SUFFIX, '_created'],
  gauge: [''],
  histogram: ['', '_bucket', '_sum', '_count', '_created'],
  summary: ['', '_sum', '_count', '_created'],
};

/**
 * A metric's name with the prefix; of a counter without `_total`, which the formats add.
 * @throws {@link ConfigError} when Prometheus would not take it
 */
export function metricName(kind: MetricKind, prefix: string, name: string): string {
  const full = prefix + checkString('name', name);
  if (full.length > MAX_LENGTH || !METRIC_NAME.test(full)) {
    throw new ConfigError(
      'name',
      full,
      'made of letters, digits, "_" and ":", not beginning with a digit, as in "http_requests_total"',
    );
  }
  const base =
    kind === 'counter' && full.endsWith(COUNTER_SUFFIX)
      ? full.slice(0, -COUNTER_SUFFIX.length)
      : full;
  if (base === '') throw new ConfigError('name', full, 'more than its suffix');
  return base;
}

/** @throws {@link ConfigError} when the name does not end with the unit */
export function metricUnit(name: string, unit: string | undefined): string {
  if (unit === undefined) return UNITS.find((one) => name.endsWith(`_${one}`)) ?? '';
  if (unit !== '' && !name.endsWith(`_${unit}`)) {
    throw new ConfigError('unit', unit, `what the name ends with, as in "${name}_${unit}"`);
  }
  return unit;
}

/**
 * @param taken names of the registry's default labels
 * @throws {@link ConfigError} naming the label that is refused
 */
export function checkLabelNames(
  kind: MetricKind,
  names: readonly string[],
  taken: readonly string[],
): readonly string[] {
  if (!Array.isArray(names)) throw new ConfigError('labels', names, 'a list of label names');
  names.forEach((name, at) => {
    const option = `labels[${at}]`;
    if (
      typeof name !== 'string' ||
      name.length > MAX_LENGTH ||
      !LABEL_NAME.test(name) ||
      name.startsWith('__')
    ) {
      throw new ConfigError(
        option,
        name,
        'made of letters, digits and "_", not beginning with a digit or "__"',
      );
    }
    if (RESERVED[kind].includes(name)) {
      throw new ConfigError(
        option,
        name,
        `another name: "${name}" is what the formats add themselves`,
      );
    }
    if (names.indexOf(name) !== at) throw new ConfigError(option, name, 'named once');
    if (taken.includes(name)) throw new ConfigError(option, name, 'none of the default labels');
  });
  return [...names];
}

/** Which names of series are whose. */
export class TakenNames {
  readonly #owners = new Map<string, string>();

  /** @throws {@link MetricConflictError} when another metric tells series of one of the names */
  take(kind: MetricKind, name: string): void {
    for (const suffix of SUFFIXES[kind]) {
      const owner = this.#owners.get(name + suffix);
      if (owner !== undefined) {
        throw new MetricConflictError(
          name,
          `"${name + suffix}" is a series of "${owner}" already; give it another name`,
        );
      }
    }
    for (const suffix of SUFFIXES[kind]) this.#owners.set(name + suffix, name);
  }

  free(kind: MetricKind, name: string): void {
    for (const suffix of SUFFIXES[kind]) this.#owners.delete(name + suffix);
  }
}
