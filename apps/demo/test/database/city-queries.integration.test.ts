import { seededRandom } from '@perf/core/testing';
import { startPostgres, type PostgresServer } from '@perf/test-servers';
import { Pool } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CityQueries } from '../../src/database/city-queries.ts';
import { loadCities } from '../../src/database/load-cities.ts';
import type { City } from '../../src/dataset/city.ts';
import { loadGeonames } from '../../src/dataset/geonames.ts';

let postgres: PostgresServer;
let pool: Pool;
let queries: CityQueries;
let cities: readonly City[];
let progress: number[];

beforeAll(async () => {
  postgres = await startPostgres();
  pool = new Pool({ connectionString: postgres.url });
  pool.on('error', () => undefined);
  cities = (await loadGeonames()).filter((_, index) => index % 30 === 0);
  progress = [];
  const never = new AbortController().signal;
  await loadCities(pool, cities, (rows) => progress.push(rows), never);
  queries = new CityQueries(pool);
});
afterAll(async () => {
  await pool.end();
  await postgres.stop();
});

test('loading tells how far it is, up to the last row', () => {
  expect(progress.at(-1)).toBe(cities.length);
});

test('a city comes with the number of others within 50 km', async () => {
  for (const city of sample(cities, 30)) {
    const { searchName: _, ...shown } = city;
    const neighbours = cities.filter((other) => distance(city, other) <= 50).length - 1;
    expect(await queries.city(city.id)).toEqual({ ...shown, neighbours });
  }
  expect(await queries.city(1)).toBe(null);
});

test('a search finds the 20 largest cities whose name begins so', async () => {
  for (const prefix of ['sa', 'san', 'al', 'x', "l'", 'el ']) {
    const expected = cities
      .filter((city) => city.searchName.startsWith(prefix))
      .toSorted((a, b) => b.population - a.population || a.id - b.id)
      .slice(0, 20)
      .map(({ id, name, country, population }) => ({ id, name, country, population }));
    expect(await queries.search(prefix)).toEqual(expected);
  }
});

test.each(['%', '_a', '\\', "a' OR '1'='1", "'; DROP TABLE cities; --", '$1'])(
  'the prefix %j means its own characters and nothing else',
  async (prefix) => {
    expect(await queries.search(prefix)).toEqual([]);
    expect(await queries.search('sa')).not.toEqual([]);
  },
);

test('the nearest cities are the nearest, also at the poles and across the date line', async () => {
  const random = seededRandom(3);
  const points = [
    { latitude: 90, longitude: 0 },
    { latitude: -90, longitude: 180 },
    { latitude: -17, longitude: 179.99 },
    { latitude: -17, longitude: -179.99 },
    ...Array.from({ length: 20 }, () => ({
      latitude: random() * 180 - 90,
      longitude: random() * 360 - 180,
    })),
  ];
  for (const point of points) {
    const expected = cities.map((city) => distance(point, city)).toSorted((a, b) => a - b);
    const found = await queries.nearest(point.latitude, point.longitude, 7);
    expect(found).toHaveLength(7);
    for (const [rank, city] of found.entries()) {
      expect(Math.abs(city.distance - (expected[rank] ?? 0))).toBeLessThan(0.001);
    }
  }
});

test('a country’s figures are those of its cities', async () => {
  for (const country of ['US', 'DE', 'AD']) {
    const own = cities
      .filter((city) => city.country === country)
      .toSorted((a, b) => b.population - a.population || a.id - b.id);
    const populations = own.map((city) => city.population);
    const total = populations.reduce((sum, population) => sum + population, 0);
    const stats = await queries.countryStats(country);
    expect(stats).toMatchObject({ country, cities: own.length, population: total });
    expect(stats?.mean).toBe(Math.round(total / own.length));
    expect(stats?.median).toBe(median(populations));
    expect(stats?.largest.map((city) => city.id)).toEqual(own.slice(0, 5).map((city) => city.id));
    const counted = Object.values(stats?.features ?? {}).reduce((sum, n) => sum + n, 0);
    expect(counted).toBe(own.length);
  }
  expect(await queries.countryStats('XX')).toBe(null);
});

test('an update tells what it changed, and touches one city', async () => {
  const [city, other] = cities as [City, City];
  const { id, country, searchName } = city;
  expect(await queries.setPopulation(id, 123)).toEqual({
    id,
    country,
    searchName,
    population: 123,
  });
  expect(await queries.city(id)).toMatchObject({ population: 123 });
  expect(await queries.city(other.id)).toMatchObject({ population: other.population });
  expect(await queries.setPopulation(1, 5)).toBe(null);
  await queries.setPopulation(id, city.population);
});

test('a load that is aborted leaves no table', async () => {
  const { rows } = await pool.query<{ name: string }>('SELECT current_database() AS name');
  await pool.query('CREATE SCHEMA aborted');
  const aborted = new Pool({ connectionString: postgres.url, options: '-c search_path=aborted' });
  const controller = new AbortController();
  const load = loadCities(
    aborted,
    cities.concat(cities),
    () => {
      controller.abort(new Error('enough'));
    },
    controller.signal,
  );
  await expect(load).rejects.toThrow(/enough|duplicate key/);
  const { rows: tables } = await pool.query(
    "SELECT 1 FROM information_schema.tables WHERE table_schema = 'aborted' AND table_catalog = $1",
    [rows[0]?.name],
  );
  expect(tables).toEqual([]);
  await aborted.end();
});

function sample<T>(items: readonly T[], size: number): readonly T[] {
  const random = seededRandom(5);
  return Array.from({ length: size }, () => items[Math.floor(random() * items.length)] as T);
}

function median(descending: readonly number[]): number {
  const middle = (descending.length - 1) / 2;
  const [low, high] = [Math.floor(middle), Math.ceil(middle)];
  return ((descending[low] ?? 0) + (descending[high] ?? 0)) / 2;
}

/** Kilometres, by the angle between unit vectors: another formula than the queries'. */
function distance(
  a: { latitude: number; longitude: number },
  b: { latitude: number; longitude: number },
): number {
  const [u, v] = [a, b].map(({ latitude, longitude }) => {
    const [phi, lambda] = [latitude, longitude].map((degrees) => (degrees * Math.PI) / 180) as [
      number,
      number,
    ];
    return [Math.cos(phi) * Math.cos(lambda), Math.cos(phi) * Math.sin(lambda), Math.sin(phi)];
  }) as [[number, number, number], [number, number, number]];
  const cross = Math.hypot(
    u[1] * v[2] - u[2] * v[1],
    u[2] * v[0] - u[0] * v[2],
    u[0] * v[1] - u[1] * v[0],
  );
  return 6371.0088 * Math.atan2(cross, u[0] * v[0] + u[1] * v[1] + u[2] * v[2]);
}
