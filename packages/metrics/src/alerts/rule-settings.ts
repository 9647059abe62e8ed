import { checkKnown, checkOneOf, checkString, ConfigError, toMilliseconds } from '@perf/core';
import type { AlertRule, AlertSeverity, MissingData } from './alert-rule.ts';

/** What all rules have, checked and completed; milliseconds. */
export interface RuleSettings {
  readonly name: string;
  readonly severity: AlertSeverity;
  readonly summary: string | undefined;
  readonly labels: Readonly<Record<string, string>>;
  readonly for: number;
  readonly keepFiringFor: number;
  readonly coolDown: number;
  readonly repeatEvery: number;
  readonly missingData: MissingData;
  readonly inhibitedBy: readonly string[];
}

const COMMON = [
  'kind',
  'name',
  'severity',
  'summary',
  'labels',
  'for',
  'keepFiringFor',
  'coolDown',
  'repeatEvery',
  'missingData',
  'inhibitedBy',
  'promql',
];
const OF_KIND: Readonly<Record<AlertRule['kind'], readonly string[]>> = {
  threshold: ['value', 'above', 'below', 'clear', 'unit'],
  'burn-rate': ['count', 'objective', 'windows', 'minEvents'],
  trend: ['value', 'above', 'below', 'within', 'window', 'unit'],
};
/** As Prometheus takes them. */
const LABEL = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

/** @throws ConfigError naming the option that is refused */
export function resolveRule(option: string, rule: AlertRule): RuleSettings {
  const kinds = Object.keys(OF_KIND) as AlertRule['kind'][];
  if (typeof rule !== 'object' || rule === null) throw new ConfigError(option, rule, 'a rule');
  checkOneOf(`${option}.kind`, rule.kind, kinds);
  checkKnown(option, rule, [...COMMON, ...OF_KIND[rule.kind]]);
  const { severity = 'warning', missingData = 'keep', labels = {}, inhibitedBy = [] } = rule;
  if (!Array.isArray(inhibitedBy)) {
    throw new ConfigError(`${option}.inhibitedBy`, inhibitedBy, 'an array of names');
  }
  for (const [label, value] of Object.entries(labels)) {
    if (!LABEL.test(label)) {
      throw new ConfigError(`${option}.labels`, label, 'with names of letters, digits and _');
    }
    if (typeof value !== 'string')
      throw new ConfigError(`${option}.labels.${label}`, value, 'a string');
  }
  return {
    name: checkString(`${option}.name`, rule.name),
    severity: checkOneOf(`${option}.severity`, severity, ['info', 'warning', 'critical']),
    summary:
      rule.summary === undefined ? undefined : checkString(`${option}.summary`, rule.summary),
    labels,
    for: toMilliseconds(`${option}.for`, rule.for ?? 0, { min: 0 }),
    keepFiringFor: toMilliseconds(`${option}.keepFiringFor`, rule.keepFiringFor ?? 0, { min: 0 }),
    coolDown: toMilliseconds(`${option}.coolDown`, rule.coolDown ?? '5m', { min: 0 }),
    repeatEvery: toMilliseconds(`${option}.repeatEvery`, rule.repeatEvery ?? Infinity, {
      infinite: true,
    }),
    missingData: checkOneOf(`${option}.missingData`, missingData, ['keep', 'breach', 'ok']),
    inhibitedBy,
  };
}

/** @throws ConfigError when a name comes twice, or an inhibition names no rule, or goes in a circle */
export function checkTogether(option: string, rules: readonly RuleSettings[]): void {
  const byName = new Map<string, RuleSettings>();
  rules.forEach((rule, index) => {
    if (byName.has(rule.name)) {
      throw new ConfigError(`${option}[${index}].name`, rule.name, 'unique among the rules');
    }
    byName.set(rule.name, rule);
  });
  rules.forEach(({ name, inhibitedBy }, index) => {
    const seen = new Set<string>();
    const open = [...inhibitedBy];
    for (let by = open.pop(); by !== undefined; by = open.pop()) {
      const inhibitor = byName.get(by);
      const where = `${option}[${index}].inhibitedBy`;
      if (inhibitor === undefined) throw new ConfigError(where, by, 'names of rules');
      if (by === name)
        throw new ConfigError(where, by, 'rules that this one does not inhibit in turn');
      if (!seen.has(by)) open.push(...inhibitor.inhibitedBy);
      seen.add(by);
    }
  });
}
