import type { City } from '../dataset/city.ts';
import { MIN_PREFIX } from '../service/keys.ts';
import { ENDPOINTS, type Endpoint, type PlannedRequest } from './endpoint.ts';
import { zipf } from './zipf.ts';

/** What a run sends. */
export interface Plan {
  /** The distinct requests; hottest first within each endpoint. */
  readonly requests: readonly PlannedRequest[];
  /** The stream: an index into {@link requests} for each request sent. */
  readonly stream: Uint32Array;
  /** Cities whose population is raised in the end, hottest first. */
  readonly updated: readonly City[];
}

/** How many distinct requests there are of each endpoint, and their part of the stream. */
const MIX: Readonly<Record<Endpoint, { readonly distinct: number; readonly share: number }>> = {
  city: { distinct: 2000, share: 0.5 },
  search: { distinct: 400, share: 0.2 },
  nearest: { distinct: 500, share: 0.2 },
  country: { distinct: 250, share: 0.1 },
};
const EXPONENT = 1;
const UPDATED = 20;

/**
 * A skewed, repeatable stream of requests: the larger a city, the more often it, its name, its
 * surroundings and its country are asked for.
 */
export function planRequests(cities: readonly City[], length: number, random: () => number): Plan {
  const largest = cities.toSorted((a, b) => b.population - a.population || a.id - b.id);
  // Requests for smaller cities would be cut off below.
  const hot = largest.slice(0, 5000);
  const paths: Readonly<Record<Endpoint, readonly string[]>> = {
    city: hot.map((city) => `/cities/${city.id}`),
    search: prefixesOf(hot).map((prefix) => `/search?prefix=${encodeURIComponent(prefix)}`),
    nearest: hot.map(
      ({ latitude, longitude }) =>
        `/nearest?lat=${latitude.toFixed(2)}&lon=${longitude.toFixed(2)}&k=10`,
    ),
    country: [...new Set(largest.map((city) => city.country))].map(
      (code) => `/countries/${code}/stats`,
    ),
  };
  const requests: PlannedRequest[] = [];
  const draws: (() => number)[] = [];
  for (const endpoint of ENDPOINTS) {
    const distinct = [...new Set(paths[endpoint])].slice(0, MIX[endpoint].distinct);
    const first = requests.length;
    const draw = zipf(distinct.length, EXPONENT, random);
    draws.push(() => first + draw());
    requests.push(...distinct.map((path) => ({ endpoint, path })));
  }
  const stream = Uint32Array.from({ length }, () => draws[drawEndpoint(random)]?.() ?? 0);
  return { requests, stream, updated: largest.slice(0, UPDATED) };
}

/** Two to four letters of each name, largest city first. */
function prefixesOf(largest: readonly City[]): readonly string[] {
  const names = largest.slice(0, 1000).map((city) => Array.from(city.searchName));
  return names.flatMap((letters) =>
    [3, MIN_PREFIX, 4]
      .filter((length) => letters.length >= length)
      .map((length) => letters.slice(0, length).join('').trimEnd())
      .filter((prefix) => prefix.length >= MIN_PREFIX),
  );
}

/** The index of an endpoint, by its share. */
function drawEndpoint(random: () => number): number {
  let rest = random();
  for (const [index, endpoint] of ENDPOINTS.entries()) {
    rest -= MIX[endpoint].share;
    if (rest < 0) return index;
  }
  return 0;
}
