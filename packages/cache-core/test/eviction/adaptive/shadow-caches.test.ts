import { seededRandom } from '@perf/core/testing';
import { expect, test } from 'vitest';
import { CONFIGURATIONS } from '../../../src/eviction/adaptive/configuration.ts';
import { mix } from '../../../src/eviction/key-hash.ts';
import { ShadowCaches } from '../../../src/eviction/adaptive/shadow-caches.ts';
import { ModelShadow, WAYS } from '../../memory/model-steering.ts';

// Loops, hot keys and keys that come once, by turns.
function* hashes(random: () => number, spread: number, length: number): Iterable<number> {
  for (let i = 0; i < length; i++) {
    const kind = Math.floor(i / 500) % 3;
    yield kind === 0 ? i % spread : kind === 1 ? Math.floor(spread ** random()) : i;
  }
}

/** All in few buckets of the hash table. */
function crowded(key: number): number {
  return key << 12;
}

test.each([
  ['spread', mix],
  ['crowded', crowded],
])('four shadows with one hash table hit what each does alone, hashes %s', (_name, hashOf) => {
  for (const capacity of [1, 2, 8, 31, 128]) {
    const together = new ShadowCaches(capacity, CONFIGURATIONS);
    const apart = CONFIGURATIONS.map((one) => new ShadowCaches(capacity, [one]));
    for (const key of hashes(seededRandom(capacity), 2 * capacity, 6000)) {
      together.access(hashOf(key), Infinity, 0);
      for (const one of apart) one.access(hashOf(key), Infinity, 0);
    }
    const hits = CONFIGURATIONS.map((_, i) => together.takeHits(i));
    expect(hits).toEqual(apart.map((one) => one.takeHits(0)));
    if (capacity > 2) expect(new Set(hits).size).toBe(4);
  }
});

test('each shadow hits what a naive model hits', () => {
  for (const capacity of [1, 8, 31]) {
    const shadows = new ShadowCaches(capacity, CONFIGURATIONS);
    const models = WAYS.map((way) => new ModelShadow(capacity, way));
    for (const key of hashes(seededRandom(capacity), 2 * capacity, 4000)) {
      shadows.access(mix(key), Infinity, 0);
      for (const model of models) model.access(mix(key), Infinity, 0);
    }
    expect(WAYS.map((_, i) => shadows.takeHits(i))).toEqual(models.map(({ hits }) => hits));
  }
});

test('hits are counted since they were last asked for', () => {
  const shadows = new ShadowCaches(4, CONFIGURATIONS);
  for (let i = 0; i < 3; i++) shadows.access(7, Infinity, 0);
  expect(shadows.takeHits(2)).toBe(2);
  expect(shadows.takeHits(2)).toBe(0);
  expect(shadows.takeHits(1)).toBe(2);
});
