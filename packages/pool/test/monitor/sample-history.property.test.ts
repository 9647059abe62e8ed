import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { SampleHistory } from '../../src/monitor/sample-history.ts';
import { sampleOf } from '../../src/monitor/sample.ts';
import { statsOf } from './stats-fixture.ts';

test('a history holds what the end of an array would, and its windows cover at least their span', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 8 }),
      fc.array(fc.integer({ min: 1, max: 50 }), { maxLength: 30 }),
      fc.integer({ min: 1, max: 200 }),
      (capacity, spans, wanted) => {
        const history = new SampleHistory(capacity);
        const all = spans.map((span, at) => sampleOf(statsOf(), statsOf(), at, span));
        for (const sample of all) history.add(sample);
        const kept = all.slice(-capacity);
        expect(history.all()).toEqual(kept);
        expect(history.isFull).toBe(all.length >= capacity);
        const expected: typeof kept = [];
        let covered = 0;
        for (const sample of kept.toReversed()) {
          if (covered >= wanted) break;
          expected.unshift(sample);
          covered += sample.span;
        }
        const window = history.last(wanted);
        expect(window.samples).toEqual(expected);
        expect(window.span).toBe(covered);
      },
    ),
  );
});
