import { ConfigError } from '@perf/core';
import { expect, it } from 'vitest';
import type { AlertNotification } from '../../../src/alerts/alert.ts';
import { logSink } from '../../../src/alerts/sinks/log-sink.ts';

const NOTIFICATION: AlertNotification = {
  name: 'memory',
  severity: 'critical',
  status: 'firing',
  value: 1623.4567,
  summary: 'memory: above 1500 MB',
  labels: {},
  startsAt: 0,
  endsAt: undefined,
  isRepeated: false,
};

function linesOf(...notifications: readonly Partial<AlertNotification>[]): readonly string[] {
  const lines: string[] = [];
  const sink = logSink({ log: (line) => lines.push(line) });
  for (const one of notifications) void sink.send({ ...NOTIFICATION, ...one });
  return lines;
}

it('a line tells severity, name, what happened, and the value', () => {
  expect(linesOf({}, { isRepeated: true }, { status: 'resolved', value: Number.NaN })).toEqual([
    '[critical] memory fires: memory: above 1500 MB (value 1623)',
    '[critical] memory still fires: memory: above 1500 MB (value 1623)',
    '[critical] memory is over: memory: above 1500 MB',
  ]);
});

it('no name can forge a line, or move the cursor of a terminal', () => {
  const [line] = linesOf({ name: 'a\n[critical] b\u001b[2J', summary: 'c\r\u2028d' });
  expect(line).toBe('[critical] a\\n[critical] b\\u001b[2J fires: c\\u000d\\u2028d (value 1623)');
});

it('refuses a log that is no function', () => {
  expect(() => logSink({ log: 5 as never })).toThrow(ConfigError);
});
