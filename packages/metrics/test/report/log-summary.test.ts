import { ConfigError } from '@perf/core';
import { ManualClock } from '@perf/core/testing';
import { expect, it, vi } from 'vitest';
import { logSummary } from '../../src/report/log-summary.ts';
import { profileOf } from '../diagnose/profiles.ts';

const SOURCES = { profile: profileOf() };

it('logs once, or every so often until it is closed', async () => {
  const clock = new ManualClock();
  const lines: string[] = [];
  const log = (line: string): void => {
    lines.push(line);
  };
  await logSummary(() => SOURCES, { log, clock }).close();
  expect(lines).toEqual([
    'performance healthy | cpu 6 % | memory 90 MB | event loop 6 % busy, p99 3 ms late',
  ]);
  const summaries = logSummary(() => SOURCES, { log, clock, every: '1m' });
  clock.advance(180_000);
  expect(lines).toHaveLength(5);
  expect(clock.keepAliveTimers).toBe(0);
  await summaries.close();
  await summaries.close();
  clock.advance(180_000);
  expect(lines).toHaveLength(5);
  expect(clock.pendingTimers).toBe(0);
});

it('tells when one could not be made, and goes on', () => {
  const clock = new ManualClock();
  const onError = vi.fn<(error: unknown) => void>();
  const log = vi.fn<() => void>();
  let isBroken = false;
  const read = (): typeof SOURCES => {
    if (isBroken) throw new Error('no');
    return SOURCES;
  };
  logSummary(read, { clock, log, onError, every: 1000 });
  isBroken = true;
  clock.advance(2000);
  isBroken = false;
  clock.advance(1000);
  expect([log.mock.calls.length, onError.mock.calls.length]).toEqual([2, 2]);
});

it('refuses options that are none', () => {
  expect(() => logSummary(() => SOURCES, { every: 0 })).toThrow(ConfigError);
  expect(() => logSummary(() => SOURCES, { often: 1 } as never)).toThrow(ConfigError);
});
