import { seededRandom } from '@perf/core/testing';
import { beforeAll, expect, test } from 'vitest';
import type { City } from '../../src/dataset/city.ts';
import { loadGeonames } from '../../src/dataset/geonames.ts';
import { ENDPOINTS } from '../../src/load/endpoint.ts';
import { planRequests, type Plan } from '../../src/load/plan.ts';

let cities: readonly City[];
let plan: Plan;
beforeAll(async () => {
  const all = await loadGeonames();
  cities = all.filter((city) => city.population > 20_000);
  plan = planRequests(cities, 20_000, seededRandom(1));
});

test('the same seed plans the same stream', () => {
  const [again, other] = [1, 2].map((seed) => planRequests(cities, 20_000, seededRandom(seed)));
  expect(again?.stream.join()).toBe(plan.stream.join());
  expect(other?.stream.join()).not.toBe(plan.stream.join());
});

test('every request is planned once, and the stream names no other', () => {
  const paths = plan.requests.map((request) => request.path);
  expect(new Set(paths).size).toBe(paths.length);
  expect(Math.max(...plan.stream)).toBeLessThan(paths.length);
});

test('endpoints have their shares, and the hottest request of each comes most', () => {
  const shares = { city: 0.5, search: 0.2, nearest: 0.2, country: 0.1 };
  const counts = new Map<number, number>();
  for (const index of plan.stream) counts.set(index, (counts.get(index) ?? 0) + 1);
  for (const endpoint of ENDPOINTS) {
    const own = [...plan.requests.keys()].filter((i) => plan.requests[i]?.endpoint === endpoint);
    const sent = own.map((index) => counts.get(index) ?? 0);
    const share = sent.reduce((sum, n) => sum + n, 0) / plan.stream.length;
    expect(Math.abs(share - shares[endpoint])).toBeLessThan(0.02);
    expect(sent[0]).toBe(Math.max(...sent));
  }
});

test('the largest cities are the hottest, and the ones that are updated', () => {
  expect(plan.requests[0]?.path).toBe('/cities/1796236'); // Shanghai
  expect(plan.updated[0]?.name).toBe('Shanghai');
  expect(plan.updated).toHaveLength(20);
});
