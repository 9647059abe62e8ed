import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SampleWindow } from '../../src/adaptive-bulkhead/sample-window.ts';

const call = fc.record({
  pause: fc.nat(60),
  time: fc.option(fc.nat(500), { nil: undefined }),
  inFlight: fc.integer({ min: 1, max: 50 }),
  overloaded: fc.boolean(),
});

describe('samples', () => {
  it('together tell of every call once, and none of fewer than ten calls unless it took ten times as long', () => {
    fc.assert(
      fc.property(fc.array(call, { maxLength: 300 }), (calls) => {
        const window = new SampleWindow(100);
        let now = 0;
        let gathered: (typeof calls)[number][] = [];
        for (const one of calls) {
          now += one.pause;
          gathered.push(one);
          const sample = window.add(one.time, one.inFlight, one.overloaded, now);
          if (sample === undefined) continue;
          const times = gathered.flatMap(({ time }) => (time === undefined ? [] : [time]));
          expect(sample).toEqual({
            time:
              times.length === 0
                ? undefined
                : times.reduce((sum, time) => sum + time, 0) / times.length,
            inFlight: Math.max(...gathered.map(({ inFlight }) => inFlight)),
            overloaded: gathered.filter(({ overloaded }) => overloaded).length,
          });
          const elapsed = gathered.reduce((sum, { pause }) => sum + pause, 0);
          if (gathered.length < 10) expect(elapsed + (gathered[0]?.time ?? 0)).toBeGreaterThan(999);
          gathered = [];
        }
      }),
    );
  });

  it('are not complete before their time', () => {
    const window = new SampleWindow(100);
    for (let now = 0; now < 100; now++) expect(window.add(0, 1, false, now)).toBeUndefined();
    expect(window.add(0, 1, false, 100)).toEqual({ time: 0, inFlight: 1, overloaded: 0 });
  });
});
