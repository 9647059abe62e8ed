import { checkKnown, checkNumber } from '@perf/core';
import type { ReadValue, ThresholdRule } from './alert-rule.ts';

/** What {@link defaultRules} read; a rule is made for each that is given. */
export interface AlertReadings {
  /** Processor time, in percent of one processor. */
  readonly cpu?: ReadValue | undefined;
  /** Memory of the process, in MB (of 1024 × 1024 bytes). */
  readonly memory?: ReadValue | undefined;
  /** The 95th percentile, in milliseconds. */
  readonly latency?: ReadValue | undefined;
  /** Failed requests, in percent. */
  readonly errorRate?: ReadValue | undefined;
  /** Requests a second. */
  readonly throughput?: ReadValue | undefined;
}

/** Thresholds of {@link defaultRules}. */
export interface AlertThresholds {
  /** Percent. @default 80 */
  readonly cpu?: number | undefined;
  /** MB. @default 1500 */
  readonly memory?: number | undefined;
  /** Milliseconds. @default 150 */
  readonly latency?: number | undefined;
  /** Percent. @default 5 */
  readonly errorRate?: number | undefined;
  /** Requests a second; it is an alert to have fewer. @default 80 */
  readonly throughput?: number | undefined;
}

type Metric = keyof AlertThresholds;

const DEFAULTS: Readonly<Record<Metric, number>> = {
  cpu: 80,
  memory: 1500,
  latency: 150,
  errorRate: 5,
  throughput: 80,
};
const REQUESTS = 'http_request_duration_seconds';
const RULES: Readonly<Record<Metric, Omit<ThresholdRule, 'kind' | 'name' | 'value'>>> = {
  cpu: {
    for: '1m',
    unit: '%',
    promql: '100 * rate(process_cpu_seconds_total[1m])',
  },
  memory: {
    severity: 'critical',
    for: '1m',
    unit: 'MB',
    promql: 'process_resident_memory_bytes / 1048576',
  },
  latency: {
    for: '2m',
    unit: 'ms',
    promql: `1000 * histogram_quantile(0.95, sum by (le) (rate(${REQUESTS}_bucket[5m])))`,
  },
  errorRate: {
    severity: 'critical',
    for: '1m',
    unit: '%',
    promql: `100 * sum(rate(${REQUESTS}_count{status=~"5.."}[5m])) / sum(rate(${REQUESTS}_count[5m]))`,
  },
  throughput: {
    for: '5m',
    unit: 'requests a second',
    promql: `sum(rate(${REQUESTS}_count[5m]))`,
  },
};
/** By which part of the threshold a value has to be back before it is over. */
const HYSTERESIS = 0.1;

/**
 * The rules that every service starts with: processor, memory, latency, errors, throughput. They are resolved only once the value is a tenth better than the
 * threshold.
 * @throws ConfigError naming the threshold that is refused
 */
export function defaultRules(
  readings: AlertReadings,
  thresholds: AlertThresholds = {},
): readonly ThresholdRule[] {
  const metrics = Object.keys(DEFAULTS) as Metric[];
  checkKnown('defaultRules.readings', readings, metrics);
  checkKnown('defaultRules.thresholds', thresholds, metrics);
  return metrics.flatMap((metric) => {
    const value = readings[metric];
    if (value === undefined) return [];
    const limit = checkNumber(
      `defaultRules.thresholds.${metric}`,
      thresholds[metric] ?? DEFAULTS[metric],
      0,
      Number.MAX_VALUE,
    );
    const side =
      metric === 'throughput'
        ? { below: limit, clear: limit * (1 + HYSTERESIS) }
        : { above: limit, clear: limit * (1 - HYSTERESIS) };
    return [{ kind: 'threshold' as const, name: nameOf(metric), value, ...RULES[metric], ...side }];
  });
}

function nameOf(metric: Metric): string {
  return metric === 'errorRate' ? 'error-rate' : metric;
}
