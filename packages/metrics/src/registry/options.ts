import {
  checkFunction,
  checkInteger,
  checkKnown,
  ConfigError,
  systemClock,
  toMilliseconds,
  type Clock,
  type Duration,
} from '@perf/core';
import { cleanLabelValue } from '../series/label-text.ts';
import type { Labels } from '../series/labels.ts';
import { checkLabelNames, metricName } from './metric-names.ts';

/** Options of `createRegistry`. */
export interface RegistryOptions {
  /** Put before every name, as in `shop_`. @default none */
  readonly prefix?: string | undefined;
  /** Labels of every series, as in `{ service: 'shop' }`. @default none */
  readonly defaultLabels?: Labels | undefined;
  /** Series that each metric may have; further ones are one together, with the label values `__overflow__`. @default 2000 */
  readonly cardinalityLimit?: number | undefined;
  /** Characters that a label value may have; the rest is cut off. @default 256 */
  readonly maxLabelLength?: number | undefined;
  /** How long observations count for `window()` and `summary()` of histograms and timers; 0 for never. @default '1h' */
  readonly retention?: Duration | undefined;
  /** The steps in which they leave. @default a sixtieth of the retention, at least '1s' */
  readonly resolution?: Duration | undefined;
  /**
   * Labels of what is going on, for exemplars of histograms and timers: the ids of the current trace. Asked seldom, for observations that
   * stand out. @default none
   */
  readonly exemplar?: (() => Labels | undefined) | undefined;
  /** The source of time. @default the process's clock */
  readonly clock?: Clock | undefined;
}

/** {@link RegistryOptions}, checked. */
export interface RegistrySettings {
  readonly prefix: string;
  readonly defaultLabels: Readonly<Record<string, string>>;
  readonly cardinalityLimit: number;
  readonly maxLabelLength: number;
  /** In milliseconds. */
  readonly retention: number;
  readonly resolution: number;
  readonly exemplar: (() => Labels | undefined) | undefined;
  readonly clock: Clock;
}

const KNOWN = [
  'prefix',
  'defaultLabels',
  'cardinalityLimit',
  'maxLabelLength',
  'retention',
  'resolution',
  'exemplar',
  'clock',
];
const STEPS = 60;
/** Each step costs memory in every histogram. */
const MAX_STEPS = 3600;
const SHORTEST_STEP = 1000;
const LARGEST_LIMIT = 1_000_000;

/** @throws {@link ConfigError} when an option does not exist or is refused */
export function registrySettings(options: RegistryOptions): RegistrySettings {
  checkKnown('createRegistry', options, KNOWN);
  const { prefix = '', defaultLabels = {}, cardinalityLimit = 2000, clock = systemClock } = options;
  const { maxLabelLength = 256, exemplar } = options;
  if (typeof prefix !== 'string') throw new ConfigError('prefix', prefix, 'a string');
  if (prefix !== '') metricName('gauge', '', prefix);
  const retention = toMilliseconds('retention', options.retention ?? '1h', { min: 0 });
  return {
    prefix,
    cardinalityLimit: checkCardinalityLimit(cardinalityLimit),
    maxLabelLength: checkInteger('maxLabelLength', maxLabelLength, { max: 65_536 }),
    defaultLabels: checkDefaultLabels(defaultLabels, maxLabelLength),
    retention,
    resolution: checkResolution(options.resolution, retention),
    exemplar: exemplar === undefined ? undefined : checkFunction('exemplar', exemplar),
    clock,
  };
}

/** @throws {@link ConfigError} when it is no number of series */
export function checkCardinalityLimit(value: number): number {
  return checkInteger('cardinalityLimit', value, { max: LARGEST_LIMIT });
}

function checkDefaultLabels(labels: Labels, maxLength: number): Readonly<Record<string, string>> {
  if (typeof labels !== 'object' || labels === null) {
    throw new ConfigError('defaultLabels', labels, 'an object of labels');
  }
  checkLabelNames('gauge', Object.keys(labels), ['le', 'quantile']);
  return Object.fromEntries(
    Object.entries(labels).map(([name, value]) => {
      if (!['string', 'number', 'boolean'].includes(typeof value)) {
        throw new ConfigError(`defaultLabels.${name}`, value, 'a string, number or boolean');
      }
      return [name, cleanLabelValue(value, maxLength)];
    }),
  );
}

function checkResolution(value: Duration | undefined, retention: number): number {
  if (retention === 0) return 0;
  const usual = Math.min(retention, Math.max(SHORTEST_STEP, Math.ceil(retention / STEPS)));
  const min = Math.ceil(retention / MAX_STEPS);
  return toMilliseconds('resolution', value ?? usual, { min, max: retention });
}
