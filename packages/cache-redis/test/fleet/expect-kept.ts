import { expect } from 'vitest';
import type { FleetReport } from './run-fleet.ts';

/** The promise was kept, by processes that did something, whose calls all came to an end, as they did. */
export function expectKept(report: FleetReport, seed: number): void {
  const { violations, summaries, log } = report;
  const why = `seed ${seed}\n${log.join('\n')}`;
  expect(violations, why).toEqual([]);
  for (const summary of summaries) {
    expect(summary, why).toBeDefined();
    expect(summary?.failures, why).toEqual([]);
    expect(summary?.operations, why).toBeGreaterThan(100);
  }
  expect(report.invalidations, why).toBeGreaterThan(0);
}
