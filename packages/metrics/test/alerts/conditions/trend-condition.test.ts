import { expect, it } from 'vitest';
import { trendCondition } from '../../../src/alerts/conditions/trend-condition.ts';
import type { Judgement } from '../../../src/alerts/conditions/condition.ts';
import { normal } from '../../trends/noise.ts';

const NOISE = normal(11);

/** Judges a value that is read each ten seconds. */
function judge(
  value: (seconds: number) => number | undefined,
  seconds: number,
  rule: { above?: number; below?: number } = { below: 1000 },
): Judgement[] {
  let at = 0;
  const condition = trendCondition('rule', {
    kind: 'trend',
    name: 'disk',
    within: '4h',
    value: () => value(at),
    ...rule,
  });
  const judged: Judgement[] = [];
  for (; at < seconds; at += 10) judged.push(condition.read(at * 1000).judgement);
  return judged;
}

it('a value that will reach the limit within the time breaches, once enough of it was seen', () => {
  const judged = judge((seconds) => 100 + seconds / 15 + 5 * NOISE(), 3600);
  expect(judged.slice(0, 20)).not.toContain('breach');
  expect(judged.at(-1)).toBe('breach');
});

it('noise, and what would take longer, do not', () => {
  expect(judge(() => 100 + 5 * NOISE(), 7200)).not.toContain('breach');
  expect(judge((seconds) => 100 + seconds / 500 + NOISE(), 7200)).not.toContain('breach');
});

it('a falling value that will reach its limit breaches', () => {
  expect(judge((seconds) => 500 - seconds / 10 + NOISE(), 3600, { above: 0 }).at(-1)).toBe(
    'breach',
  );
});

it('what has come to rest is over once the rise is out of the window', () => {
  const judged = judge((seconds) => 100 + Math.min(seconds, 1800) / 10 + NOISE(), 10_800);
  expect(judged).toContain('breach');
  expect(judged.at(-1)).toBe('clear');
});

it('a value that is missing is missing, and too few points are as well', () => {
  expect(judge(() => undefined, 3600).every((one) => one === 'missing')).toBe(true);
  expect(judge((seconds) => seconds, 100).every((one) => one === 'missing')).toBe(true);
});
