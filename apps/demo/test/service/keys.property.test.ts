import fc from 'fast-check';
import { expect, test } from 'vitest';
import { toSearchName } from '../../src/dataset/city.ts';
import { affectedBy, keys, MIN_PREFIX } from '../../src/service/keys.ts';

const names = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 });

test('every search that can list a city is forgotten when its population changes', () => {
  fc.assert(
    fc.property(names, fc.nat(30), (name, length) => {
      const searchName = toSearchName(name);
      const prefix = Array.from(searchName).slice(0, MIN_PREFIX + length);
      fc.pre(prefix.length >= MIN_PREFIX);
      const { prefixes } = affectedBy({ id: 1, country: 'DE', searchName, population: 1 });
      const key = keys.search(prefix.join(''));
      expect(prefixes.some((start) => key.startsWith(start))).toBe(true);
    }),
  );
});

test('the city and its country are forgotten by key, and searches for other names are kept', () => {
  const affected = affectedBy({ id: 7, country: 'DE', searchName: 'ulm', population: 1 });
  expect(affected.keys).toEqual(['city:7', 'country:DE']);
  expect(affected.prefixes).toEqual(['search:ul']);
});
