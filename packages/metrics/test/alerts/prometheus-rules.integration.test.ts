import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createTemporaryFolder, prometheusIsMissing, runPromtool } from '@perf/test-servers';
import { describe, expect, test } from 'vitest';
import type { AlertRule } from '../../src/alerts/alert-rule.ts';
import { TICKET_WINDOWS } from '../../src/alerts/conditions/burn-rate.ts';
import { defaultRules } from '../../src/alerts/default-rules.ts';
import {
  toPrometheusRules,
  type PrometheusRulesOptions,
} from '../../src/alerts/prometheus-rules.ts';

const missing = await prometheusIsMissing();
if (missing !== undefined) {
  console.warn(`\n*** the tests against promtool are SKIPPED: ${missing}\n`);
}

const value = (): number => 1;
const ODD =
  'a "quoted" \\ back\nslashed\t, {{braced}} = \u{1F600} \u0085 \u2028 \u009b \ud800 # : - value';

async function check(
  rules: readonly AlertRule[],
  options?: PrometheusRulesOptions,
): Promise<{ accepted: boolean; output: string }> {
  const folder = await createTemporaryFolder('rules');
  try {
    const file = path.join(folder.path, 'rules.yml');
    await writeFile(file, toPrometheusRules(rules, options));
    return await runPromtool(['check', 'rules', file]);
  } finally {
    await folder.remove();
  }
}

describe.skipIf(missing)('promtool check rules', () => {
  test('accepts the default rules, burn rates, trends, any text, and a file without rules', async () => {
    const rules: readonly AlertRule[] = [
      ...defaultRules({
        cpu: value,
        memory: value,
        latency: value,
        errorRate: value,
        throughput: value,
      }),
      {
        kind: 'burn-rate',
        name: 'slo',
        objective: 0.995,
        count: () => undefined,
        windows: [...TICKET_WINDOWS, { long: '1h', factor: 14.4 }],
        for: '2m',
        promql: { bad: 'errors_total{job="api"}', total: 'requests_total{job="api"}' },
      },
      {
        kind: 'trend',
        name: 'heap',
        value,
        below: 2e9,
        within: '1d',
        window: '90s',
        promql: 'nodejs_heap_size_used_bytes',
      },
      {
        kind: 'threshold',
        name: ODD,
        value,
        above: -1.5e-7,
        keepFiringFor: '61500ms',
        labels: { odd: ODD },
        summary: ODD,
        promql: 'x',
      },
      { kind: 'threshold', name: `${ODD} without`, value, below: 1 },
    ];
    const { accepted, output } = await check(rules, { group: ODD, interval: '15s' });
    expect(output).toContain('8 rules found');
    expect(accepted).toBe(true);
    expect((await check([])).accepted).toBe(true);
  });

  test('refuses PromQL that is none, so that the test above means something', async () => {
    const rule: AlertRule = { kind: 'threshold', name: 'a', value, above: 1, promql: 'sum(' };
    expect((await check([rule])).accepted).toBe(false);
  });
});
