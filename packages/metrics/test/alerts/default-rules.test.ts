import { ConfigError } from '@perf/core';
import { ManualClock } from '@perf/core/testing';
import { expect, it } from 'vitest';
import { createAlerts } from '../../src/alerts/create-alerts.ts';
import { defaultRules } from '../../src/alerts/default-rules.ts';

it('there is a rule for each value that can be read, with the thresholds that services begin with', () => {
  const value = (): number => 1;
  const rules = defaultRules({
    cpu: value,
    memory: value,
    latency: value,
    errorRate: value,
    throughput: value,
  });
  expect(rules.map(({ name, above, below }) => [name, above ?? below])).toEqual([
    ['cpu', 80],
    ['memory', 1500],
    ['latency', 150],
    ['error-rate', 5],
    ['throughput', 80],
  ]);
  expect(defaultRules({ cpu: value }, { cpu: 60 })).toMatchObject([
    { name: 'cpu', above: 60, clear: 54 },
  ]);
});

it('each fires beyond its threshold and is over a tenth on the good side of it', () => {
  const clock = new ManualClock();
  const values = { cpu: 81, memory: 1501, latency: 151, errorRate: 5.1, throughput: 79 };
  const names = Object.keys(values) as (keyof typeof values)[];
  const alerts = createAlerts({
    rules: defaultRules(Object.fromEntries(names.map((name) => [name, () => values[name]]))),
    clock,
  });
  const firing = (): number => alerts.firing().length;
  clock.advance(310_000);
  expect(firing()).toBe(5);
  Object.assign(values, { cpu: 73, memory: 1400, latency: 140, errorRate: 4.6, throughput: 87 });
  clock.advance(60_000);
  expect(firing()).toBe(5);
  Object.assign(values, { cpu: 71, memory: 1300, latency: 130, errorRate: 4, throughput: 90 });
  clock.advance(60_000);
  expect(firing()).toBe(0);
});

it('refuses thresholds that are no numbers, and values that do not exist', () => {
  expect(() => defaultRules({ cpu: () => 1 }, { cpu: Number.NaN })).toThrow(ConfigError);
  expect(() => defaultRules({ cpus: () => 1 } as never)).toThrow(ConfigError);
});
