import {
  checkKnown,
  checkString,
  ConfigError,
  systemClock,
  toMilliseconds,
  type Clock,
  type Duration,
} from '@perf/core';
import type { AlertRule } from './alert-rule.ts';
import type { SavedAlert } from './evaluated-rule.ts';
import { checkTogether, resolveRule, type RuleSettings } from './rule-settings.ts';
import type { AlertSink } from './sinks/alert-sink.ts';

/** Options of {@link createAlerts}. */
export interface AlertsOptions {
  /** At most 1000. */
  readonly rules: readonly AlertRule[];
  /** Who is told. @default none: only events */
  readonly sinks?: readonly AlertSink[] | undefined;
  /** How often rules are evaluated; `Infinity` for only by `evaluate()`. @default '10s' */
  readonly interval?: Duration | undefined;
  /** What `save()` of another process returned, so that a restart neither forgets what fires nor tells it again. */
  readonly restore?: readonly SavedAlert[] | undefined;
  /** The source of time. @default systemClock */
  readonly clock?: Clock | undefined;
}

/** {@link AlertsOptions}, checked and completed. */
export interface AlertsSettings {
  readonly rules: readonly { readonly rule: AlertRule; readonly settings: RuleSettings }[];
  readonly sinks: readonly AlertSink[];
  readonly interval: number;
  readonly restore: ReadonlyMap<string, SavedAlert>;
  readonly clock: Clock;
}

const WHAT = 'createAlerts';
const MOST_RULES = 1000;

/** @throws ConfigError naming the option that is refused */
export function resolveAlerts(options: AlertsOptions): AlertsSettings {
  checkKnown(WHAT, options, ['rules', 'sinks', 'interval', 'restore', 'clock']);
  const { rules, sinks = [], interval = '10s', restore = [], clock = systemClock } = options;
  if (!Array.isArray(rules) || rules.length > MOST_RULES) {
    throw new ConfigError(`${WHAT}.rules`, rules, `an array of at most ${MOST_RULES} rules`);
  }
  if (!Array.isArray(sinks)) throw new ConfigError(`${WHAT}.sinks`, sinks, 'an array of sinks');
  sinks.forEach((sink: AlertSink, index) => {
    checkString(`${WHAT}.sinks[${index}].name`, sink.name);
    if (typeof sink.send !== 'function') {
      throw new ConfigError(`${WHAT}.sinks[${index}].send`, sink, 'a sink, with a function `send`');
    }
  });
  const resolved = (rules as readonly AlertRule[]).map((rule, index) => ({
    rule,
    settings: resolveRule(`${WHAT}.rules[${index}]`, rule),
  }));
  checkTogether(
    `${WHAT}.rules`,
    resolved.map(({ settings }) => settings),
  );
  return {
    rules: resolved,
    sinks,
    interval: toMilliseconds(`${WHAT}.interval`, interval, { infinite: true }),
    restore: new Map(restore.map((saved) => [saved.name, saved])),
    clock,
  };
}
