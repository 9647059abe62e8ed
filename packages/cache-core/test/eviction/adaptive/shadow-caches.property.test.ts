import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CONFIGURATIONS } from '../../../src/eviction/adaptive/configuration.ts';
import { ShadowCaches } from '../../../src/eviction/adaptive/shadow-caches.ts';
import { mix } from '../../../src/eviction/key-hash.ts';
import { ModelShadow, WAYS } from '../../memory/model-steering.ts';

const step = fc.record({
  do: fc.constantFrom('access' as const, 'access' as const, 'access' as const, 'forget' as const),
  key: fc.integer({ min: 0, max: 30 }),
  ttl: fc.constantFrom(Infinity, Infinity, 3, 20, 100),
  passes: fc.constantFrom(0, 0, 1, 5),
});

test.each([
  ['spread', mix],
  // All in few buckets of the hash table.
  ['crowded', (key: number) => key << 12],
])('shadows with lifetimes and deletes hit what naive models hit, hashes %s', (_name, hashOf) => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 24 }),
      fc.array(step, { minLength: 50, maxLength: 600, size: 'max' }),
      (capacity, steps) => {
        const shadows = new ShadowCaches(capacity, CONFIGURATIONS);
        const models = WAYS.map((way) => new ModelShadow(capacity, way));
        let now = 0;
        for (const { do: what, key, ttl, passes } of steps) {
          now += passes;
          if (what === 'forget') {
            shadows.forget(hashOf(key));
            for (const model of models) model.forget(hashOf(key));
          } else {
            shadows.access(hashOf(key), now + ttl, now);
            for (const model of models) model.access(hashOf(key), now + ttl, now);
          }
        }
        expect(WAYS.map((_, i) => shadows.takeHits(i))).toEqual(models.map(({ hits }) => hits));
      },
    ),
    { numRuns: 200 },
  );
});
