import type { Duration } from '@perf/core';

/** How urgent an alert is: `critical` wakes somebody up. */
export type AlertSeverity = 'info' | 'warning' | 'critical';

/**
 * What a rule makes of a value that is not there: nothing, it keeps its state; it breaches, so that silence is an alert; or it is well.
 */
export type MissingData = 'keep' | 'breach' | 'ok';

/** What a rule reads: a finite number, or `undefined` while there is none. What it throws counts as none, and is told by `ruleError`. */
export type ReadValue = () => number | undefined;

/** What all rules have. */
export interface AlertRuleOptions {
  /** Unique among the rules. */
  readonly name: string;
  /** @default 'warning' */
  readonly severity?: AlertSeverity | undefined;
  /** In one sentence, for whoever is woken up. @default made from the rule */
  readonly summary?: string | undefined;
  /** Told with each alert, such as `{ team: 'payments' }`. */
  readonly labels?: Readonly<Record<string, string>> | undefined;
  /** How long it has to hold before it fires. @default 0 */
  readonly for?: Duration | undefined;
  /** How long it has to be over before it is resolved, so that what flaps is one alert. @default 0 */
  readonly keepFiringFor?: Duration | undefined;
  /** How long after it was told it is not told anew, however often it fires. @default '5m' */
  readonly coolDown?: Duration | undefined;
  /** After which time an alert that still fires is told again. @default Infinity */
  readonly repeatEvery?: Duration | undefined;
  /** @default 'keep' */
  readonly missingData?: MissingData | undefined;
  /** Rules during whose firing this one is not told: they tell the same, or why. */
  readonly inhibitedBy?: readonly string[] | undefined;
}

/** Fires while a value is above, or below, a threshold. */
export interface ThresholdRule extends AlertRuleOptions {
  readonly kind: 'threshold';
  readonly value: ReadValue;
  /** One of the two. */
  readonly above?: number | undefined;
  readonly below?: number | undefined;
  /** It is over only once the value is back at this level, on the good side of the threshold (hysteresis). @default the threshold */
  readonly clear?: number | undefined;
  /** Of the value, for people: `ms`, `%`. */
  readonly unit?: string | undefined;
  /** The value in PromQL, for `toPrometheusRules`. */
  readonly promql?: string | undefined;
}

/** Two counters since any start; one that has become smaller has begun anew. */
export interface ErrorCount {
  readonly bad: number;
  readonly total: number;
}

/** How quickly an error budget may be used, over two windows: the long one says that it matters, the short one that it still goes on. */
export interface BurnWindow {
  readonly long: Duration;
  /** @default a twelfth of the long one */
  readonly short?: Duration | undefined;
  /** How many times as fast as would use up the budget exactly. */
  readonly factor: number;
}

/** Fires while errors use up the budget of an objective too quickly (Site Reliability Workbook, chapter 5). */
export interface BurnRateRule extends AlertRuleOptions {
  readonly kind: 'burn-rate';
  /** What was counted since the start, or `undefined`. */
  readonly count: () => ErrorCount | undefined;
  /** The part of all that has to be good, such as 0.999; above 0 and below 1. */
  readonly objective: number;
  /** It fires when one of them is exceeded. @default 14.4 over an hour, 6 over six hours */
  readonly windows?: readonly BurnWindow[] | undefined;
  /** With fewer in the long window it does not fire. @default 10 */
  readonly minEvents?: number | undefined;
  /** The two counters in PromQL, selectors such as `http_errors_total{job="api"}`, for `toPrometheusRules`. */
  readonly promql?: { readonly bad: string; readonly total: string } | undefined;
}

/** Fires while a value moves so that it reaches a limit before long: by more than chance. */
export interface TrendRule extends AlertRuleOptions {
  readonly kind: 'trend';
  readonly value: ReadValue;
  /** The limit, which a rising value must stay below. One of the two. */
  readonly below?: number | undefined;
  /** The limit, which a falling value must stay above. */
  readonly above?: number | undefined;
  /** It fires when the limit would be reached within this time. */
  readonly within: Duration;
  /** How far back it looks. @default '1h' */
  readonly window?: Duration | undefined;
  /** Of the value, for people. */
  readonly unit?: string | undefined;
  /** The value in PromQL, a selector such as `process_resident_memory_bytes`, for `toPrometheusRules`. */
  readonly promql?: string | undefined;
}

/** When somebody has to be told. */
export type AlertRule = ThresholdRule | BurnRateRule | TrendRule;
