import { describe, expect, it } from 'vitest';
import { freshPrefix, noRedis, useRedis } from '../fixtures/redis.ts';
import { runTakers } from './takers.ts';

const PROCESSES = 4;
const DURATION = 2000;

describe.skipIf(noRedis)('four processes on one Redis, which ask for as much as they can', () => {
  const redis = useRedis();

  it.each([
    // So fast that a Redis asked about each could not follow.
    { mode: 'lease', rate: 20_000, burst: 2000, together: 64, leaseInterval: 20 },
    { mode: 'lease', rate: 100, burst: 20, together: 4, leaseInterval: 20 },
    { mode: 'strict', rate: 1000, burst: 100, together: 8, leaseInterval: 20 },
  ] as const)(
    'admit in no window more than $rate/s allow ($mode)',
    async ({ mode, rate, burst, together, leaseInterval }) => {
      const reports = await runTakers(PROCESSES, {
        url: redis.server.url,
        options: { prefix: freshPrefix(), mode, rate, burst, leaseInterval },
        duration: DURATION,
        together,
      });
      const times = reports.flatMap((report) => [...report.times]).toSorted((a, b) => a - b);
      expect(reports.map(({ withoutRedis }) => withoutRedis)).toEqual([0, 0, 0, 0]);
      // What a process holds when a window begins, and what is on its way to it.
      const leased = mode === 'lease' ? 2 * Math.max(1, (rate * leaseInterval) / 1000) : 0;
      // What it asked for in the window may be admitted after it.
      const extra = PROCESSES * (together + leased);
      const perMillisecond = rate / 1000;
      let credit = -Infinity;
      let worst = -Infinity;
      for (const [index, time] of times.entries()) {
        // The most that any window that ends here has above what came back in it.
        credit = Math.max(credit, time * perMillisecond - index);
        worst = Math.max(worst, index + 1 - time * perMillisecond + credit);
      }
      expect(worst).toBeLessThanOrEqual(burst + extra + 1);
      expect(times.length).toBeGreaterThan(burst);
    },
  );
});
