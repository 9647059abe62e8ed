import { ConfigError } from '@perf/core';
import { expect, it } from 'vitest';
import type { AlertRule } from '../../src/alerts/alert-rule.ts';
import { toPrometheusRules } from '../../src/alerts/prometheus-rules.ts';

const value = (): number => 1;

it('a rule becomes an alert with its expression, durations, labels and summary', () => {
  const rule: AlertRule = {
    kind: 'threshold',
    name: 'memory',
    severity: 'critical',
    value,
    above: 1500,
    for: '90s',
    keepFiringFor: '1500ms',
    labels: { team: 'a "quoted" \\ one' },
    summary: 'memory is {{ high }}\nvery',
    promql: 'process_resident_memory_bytes / 1048576',
  };
  expect(toPrometheusRules([rule], { group: 'shop', interval: '30s' })).toBe(
    [
      'groups:',
      '  - name: "shop"',
      '    interval: 30s',
      '    rules:',
      '      - alert: "memory"',
      '        expr: "(process_resident_memory_bytes / 1048576) > 1500"',
      '        for: 90s',
      '        keep_firing_for: 1s500ms',
      '        labels:',
      String.raw`          team: "a \"quoted\" \\ one"`,
      '          severity: "critical"',
      '        annotations:',
      String.raw`          summary: "memory is {{ \"{{\" }} high }}\nvery"`,
      '          value: "{{ $value }}"',
      '',
    ].join('\n'),
  );
});

it('burn rates become ratios over both windows, trends a linear prediction', () => {
  const text = toPrometheusRules([
    {
      kind: 'burn-rate',
      name: 'slo',
      objective: 0.999,
      count: () => undefined,
      windows: [{ long: '1h', short: '5m', factor: 14.4 }],
      promql: { bad: 'errors_total', total: 'requests_total' },
    },
    { kind: 'trend', name: 'disk', value, above: 0, within: '4h', promql: 'disk_free_bytes' },
  ]);
  expect(text).toContain(
    'expr: "(sum(rate(errors_total[3600s])) / sum(rate(requests_total[3600s])) > 0.0144 and sum(rate(errors_total[300s])) / sum(rate(requests_total[300s])) > 0.0144)"',
  );
  expect(text).toContain('expr: "predict_linear(disk_free_bytes[3600s], 14400) < 0"');
});

it('a rule without PromQL is left out and named; a group without any is valid', () => {
  const text = toPrometheusRules([{ kind: 'threshold', name: 'a\nb', value, above: 1 }]);
  expect(text).toContain('    rules: []\n');
  expect(text).toContain(String.raw`# left out, as it has no promql: "a\nb"`);
});

it('refuses what createAlerts refuses, and PromQL that is empty', () => {
  const rule: AlertRule = { kind: 'threshold', name: 'a', value, above: 1, promql: 'x' };
  expect(() => toPrometheusRules([rule, rule])).toThrow(ConfigError);
  expect(() => toPrometheusRules([{ ...rule, promql: '' }])).toThrow(ConfigError);
  expect(() => toPrometheusRules([rule], { interval: '1 s' as never })).toThrow(ConfigError);
});
