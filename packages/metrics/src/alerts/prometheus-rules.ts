import { checkKnown, checkString, ConfigError, toMilliseconds, type Duration } from '@perf/core';
import type { AlertRule, BurnRateRule, ThresholdRule, TrendRule } from './alert-rule.ts';
import { burnWindows, errorBudget } from './conditions/burn-rate.ts';
import { checkTogether, resolveRule, type RuleSettings } from './rule-settings.ts';

/** Options of {@link toPrometheusRules}. */
export interface PrometheusRulesOptions {
  /** The group's name. @default 'perf' */
  readonly group?: string | undefined;
  /** How often Prometheus evaluates it. @default its own setting */
  readonly interval?: Duration | undefined;
}

/**
 * The rules as a file of rules for Prometheus 2.42 or newer, in YAML. Rules without `promql` are left out, with a comment that
 * names them. `clear`, `coolDown` and `repeatEvery` have no counterpart, inhibitions belong into the configuration of Alertmanager.
 * @throws ConfigError naming the option or the rule's option that is refused
 */
export function toPrometheusRules(
  rules: readonly AlertRule[],
  options: PrometheusRulesOptions = {},
): string {
  checkKnown('toPrometheusRules', options, ['group', 'interval']);
  const { group = 'perf', interval } = options;
  const settings = rules.map((rule, index) => resolveRule(`rules[${index}]`, rule));
  checkTogether('rules', settings);
  const lines = ['groups:', `  - name: ${quoted(checkString('toPrometheusRules.group', group))}`];
  if (interval !== undefined) {
    lines.push(
      `    interval: ${inPrometheus(toMilliseconds('toPrometheusRules.interval', interval))}`,
    );
  }
  const written: string[] = [];
  rules.forEach((rule, index) => {
    const common = settings[index];
    if (common === undefined) return;
    const expression = expressionOf(`rules[${index}]`, rule);
    written.push(
      ...(expression === undefined
        ? [`      # left out, as it has no promql: ${quoted(common.name)}`]
        : linesOf(common, expression)),
    );
  });
  const isEmpty = !written.some((line) => line.startsWith('      -'));
  return [...lines, isEmpty ? '    rules: []' : '    rules:', ...written, ''].join('\n');
}

function linesOf(rule: RuleSettings, expression: string): readonly string[] {
  const labels = { ...rule.labels, severity: rule.severity };
  return [
    `      - alert: ${quoted(rule.name)}`,
    `        expr: ${quoted(expression)}`,
    ...(rule.for > 0 ? [`        for: ${inPrometheus(rule.for)}`] : []),
    ...(rule.keepFiringFor > 0
      ? [`        keep_firing_for: ${inPrometheus(rule.keepFiringFor)}`]
      : []),
    '        labels:',
    ...Object.entries(labels).map(
      ([name, value]) => `          ${name}: ${quoted(escapeTemplate(value))}`,
    ),
    '        annotations:',
    `          summary: ${quoted(escapeTemplate(rule.summary ?? rule.name))}`,
    `          value: ${quoted('{{ $value }}')}`,
  ];
}

function expressionOf(option: string, rule: AlertRule): string | undefined {
  if (rule.promql === undefined) return undefined;
  if (rule.kind === 'burn-rate') return ofBurnRate(option, rule, rule.promql);
  return rule.kind === 'trend'
    ? ofTrend(option, rule, rule.promql)
    : ofThreshold(option, rule, rule.promql);
}

function ofThreshold(option: string, { above, below }: ThresholdRule, promql: string): string {
  const query = checkString(`${option}.promql`, promql);
  return above === undefined ? `(${query}) < ${below}` : `(${query}) > ${above}`;
}

function ofTrend(
  option: string,
  { above, below, within, window = '1h' }: TrendRule,
  promql: string,
): string {
  const selector = checkString(`${option}.promql`, promql);
  const range = inPrometheus(toMilliseconds(`${option}.window`, window));
  const ahead = toMilliseconds(`${option}.within`, within) / 1000;
  const predicted = `predict_linear(${selector}[${range}], ${ahead})`;
  return above === undefined ? `${predicted} > ${below}` : `${predicted} < ${above}`;
}

function ofBurnRate(option: string, rule: BurnRateRule, promql: object): string {
  checkKnown(`${option}.promql`, promql, ['bad', 'total']);
  const { bad, total } = promql as { bad: string; total: string };
  for (const [name, selector] of Object.entries({ bad, total })) {
    checkString(`${option}.promql.${name}`, selector);
  }
  const budget = errorBudget(option, rule);
  const rate = (window: number): string =>
    `sum(rate(${bad}[${inPrometheus(window)}])) / sum(rate(${total}[${inPrometheus(window)}]))`;
  return burnWindows(option, rule)
    .map(({ long, short, factor }) => {
      const limit = Number((factor * budget).toPrecision(12));
      return `(${rate(long)} > ${limit} and ${rate(short)} > ${limit})`;
    })
    .join(' or ');
}

/** Prometheus has no fractions, and takes several units: `1m500ms`. */
function inPrometheus(milliseconds: number): string {
  if (milliseconds === Infinity) throw new ConfigError('duration', milliseconds, 'finite');
  const seconds = Math.floor(milliseconds / 1000);
  const rest = milliseconds % 1000;
  return `${seconds > 0 ? `${seconds}s` : ''}${rest > 0 || seconds === 0 ? `${rest}ms` : ''}`;
}

/** Labels and annotations are templates of Go: what looks like one is written as a string of one. */
function escapeTemplate(text: string): string {
  return text.replaceAll('{{', '{{ "{{" }}');
}

/**
 * A scalar of YAML in double quotes, whose escapes are those of JSON; what YAML does not take as it is, is escaped as well. A file of rules is
 * a list of such scalars under fixed keys: no reason for every user to install a library for YAML.
 */
function quoted(text: string): string {
  return JSON.stringify(text.toWellFormed()).replace(
    /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
