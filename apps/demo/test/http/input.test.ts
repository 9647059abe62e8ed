import { expect, test } from 'vitest';
import {
  checkParameters,
  cityId,
  count,
  countryCode,
  latitude,
  longitude,
  populationIn,
  searchPrefix,
} from '../../src/http/input.ts';

const badRequest = expect.objectContaining({ status: 400 });

test('well-formed inputs come out in the form that is cached and queried', () => {
  expect(cityId('1796236')).toBe(1_796_236);
  expect(countryCode('de')).toBe('DE');
  expect(searchPrefix('  São P')).toBe('sao p');
  expect(searchPrefix("'; DROP")).toBe("'; drop");
  expect(latitude('52.5167')).toBe(52.52);
  expect(longitude('-180')).toBe(-180);
  expect(longitude('-0.001')).toBe(0);
  expect(Object.is(longitude('-0.001'), 0)).toBe(true);
  expect(count(null)).toBe(10);
  expect(count('50')).toBe(50);
  expect(populationIn({ population: 0 })).toBe(0);
});

test.each(['', '0', '-1', '1.5', '1e3', '0x10', ' 7', '7 ', '2147483648', '99999999999', '1;--'])(
  'the city number %j is refused',
  (text) => {
    expect(() => cityId(text)).toThrow(badRequest);
  },
);

test.each(['', 'D', 'DEU', 'D1', "D'", 'ÄÖ', '  '])('the country %j is refused', (text) => {
  expect(() => countryCode(text)).toThrow(badRequest);
});

test.each([null, '', 'a', ' a', 'x'.repeat(41), 'a\0b', 'ab\ud800'])(
  'the prefix %j is refused',
  (text) => {
    expect(() => searchPrefix(text)).toThrow(badRequest);
  },
);

test.each([null, '', '90.01', '-91', 'NaN', 'Infinity', '1e1', '1.', '.5', '5,2', '0x1'])(
  'the latitude %j is refused',
  (text) => {
    expect(() => latitude(text)).toThrow(badRequest);
  },
);

test.each(['', '0', '51', '-1', '1.0'])('the count %j is refused', (text) => {
  expect(() => count(text)).toThrow(badRequest);
});

test.each([
  null,
  [],
  7,
  'x',
  {},
  { population: '7' },
  { population: -1 },
  { population: 1.5 },
  { population: 2_147_483_648 },
  { population: null },
  { population: 7, id: 1 },
  { Population: 7 },
])('the body %j is refused', (body) => {
  expect(() => populationIn(body)).toThrow(badRequest);
});

test('a parameter that is unknown or comes twice is refused by name', () => {
  const known = ['lat', 'lon'];
  expect(() => {
    checkParameters(new URLSearchParams('lat=1&lon=2'), known);
  }).not.toThrow();
  expect(() => {
    checkParameters(new URLSearchParams('lat=1&lng=2'), known);
  }).toThrow(/"lng" must be one of lat, lon/);
  expect(() => {
    checkParameters(new URLSearchParams('lat=1&lat=2'), known);
  }).toThrow(/lat must be given once/);
});
