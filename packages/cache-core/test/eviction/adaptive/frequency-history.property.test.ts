import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FrequencyHistory } from '../../../src/eviction/adaptive/frequency-history.ts';
import { ModelHistory } from '../../memory/model-frequency-history.ts';

type Step = { readonly do: 'read' | 'age' } | { readonly do: 'write'; readonly frequency: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constantFrom('read' as const, 'age' as const) }),
  fc.record({ do: fc.constant('write' as const), frequency: fc.integer({ min: 0, max: 15 }) }),
);
/** Few buckets and few fingerprints, those of the two ends among them. */
const hash = fc
  .record({
    low: fc.integer({ min: 0, max: 2 }),
    high: fc.constantFrom(0, 1, 2, 3, 7, 2047, 2048, 4094, 4095),
  })
  .map(({ low, high }) => (high << 20) | low);

test('remembers and ages as a naive model does', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 0, max: 1000 }),
      fc.array(fc.record({ hash, step }), { minLength: 20, maxLength: 200 }),
      (capacity, aged, steps) => {
        const history = new FrequencyHistory(capacity, aged);
        const model = new ModelHistory(capacity);
        let age = aged;
        for (const { hash, step } of steps) {
          if (step.do === 'age') {
            history.age();
            model.age(age++);
          } else if (step.do === 'write') {
            history.write(hash, step.frequency);
            model.write(hash, step.frequency);
          }
          expect(history.read(hash)).toBe(model.read(hash));
        }
      },
    ),
    { numRuns: 300 },
  );
});

test('all frequencies are halved once in as many steps as the cache has entries, or sooner', () => {
  for (const capacity of [1, 3, 100, 1000, 1025]) {
    const history = new FrequencyHistory(capacity, 0);
    const hashes = Array.from({ length: capacity }, (_, i) => Math.imul(i + 1, 0x9e3779b1));
    for (const hash of hashes) history.write(hash, 8);
    const known = hashes.filter((hash) => history.read(hash) === 8);
    expect(known.length).toBeGreaterThan(0.8 * capacity);
    for (let i = 0; i < Math.ceil(capacity * 1.5); i++) history.age();
    expect(known.every((hash) => history.read(hash) < 8 && history.read(hash) > 0)).toBe(true);
  }
});
