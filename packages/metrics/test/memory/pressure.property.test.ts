import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Pressure } from '../../src/memory/pressure.ts';
import type { MemoryReading } from '../../src/memory/telemetry.ts';

const bounds = { maxRss: 1000, maxShare: 0.8, release: 0.9 };
const shares = fc.record({
  rss: fc.integer({ min: 0, max: 1500 }),
  memoryShare: fc.double({ min: 0, max: 1, noNaN: true }),
  heapShare: fc.double({ min: 0, max: 1, noNaN: true }),
});

test('pressure begins at a bound, and ends when all are below the release', () => {
  fc.assert(
    fc.property(fc.array(shares, { maxLength: 50 }), (readings) => {
      const pressure = new Pressure(bounds);
      let isShort = false;
      for (const one of readings) {
        const reading = { ...one, heapUsed: 0, memoryLimit: 0, heapLimit: 0 } as MemoryReading;
        const reaches = (part: number): boolean =>
          one.rss >= 1000 * part || one.memoryShare >= 0.8 * part || one.heapShare >= 0.8 * part;
        const expected: boolean = isShort ? reaches(0.9) : reaches(1);
        const cause = pressure.update(reading);
        expect(pressure.state).toBe(expected ? 'pressure' : 'normal');
        expect(cause !== undefined).toBe(expected !== isShort);
        isShort = expected;
      }
    }),
  );
});
