import { expect, test } from 'vitest';
import { toSearchName } from '../../src/dataset/city.ts';
import { loadGeonames } from '../../src/dataset/geonames.ts';

test('there are more than 100,000 cities, each with a number of its own and sound fields', async () => {
  const cities = await loadGeonames();
  expect(cities.length).toBeGreaterThan(100_000);
  expect(new Set(cities.map((city) => city.id)).size).toBe(cities.length);
  const unsound = cities.filter(
    (city) =>
      !Number.isInteger(city.id) ||
      city.name === '' ||
      city.searchName === '' ||
      !/^[A-Z]{2}$/.test(city.country) ||
      !(city.population >= 0) ||
      !(Math.abs(city.latitude) <= 90) ||
      !(Math.abs(city.longitude) <= 180),
  );
  expect(unsound).toEqual([]);
});

test.each([
  ['São Paulo', 'sao paulo'],
  ['İstanbul', 'istanbul'],
  ['Șipotu', 'sipotu'],
  ['東京', '東京'],
])('%s is searched for as %s', (name, expected) => {
  expect(toSearchName(name)).toBe(expected);
});
