import { expect } from 'vitest';
import type { FleetReport } from './run-fleet.ts';

/** Longer than the hard timeout of loads and everything that may come before one. */
const LONGEST_CALL = 30_000;

/** The promise was kept, by processes that did something, and all of them ended by themselves. */
export function expectKept(report: FleetReport, seed: number): void {
  const { violations, summaries, log } = report;
  const why = `seed ${seed}\n${log.join('\n')}`;
  expect(violations, why).toEqual([]);
  for (const summary of summaries) {
    expect(summary, why).toBeDefined();
    expect(summary?.failures, why).toEqual([]);
    expect(summary?.operations, why).toBeGreaterThan(100);
    expect(summary?.longest, why).toBeLessThan(LONGEST_CALL);
  }
  expect(report.invalidations, why).toBeGreaterThan(0);
}
