import type { IncomingMessage } from 'node:http';
import type { CityService, Freshness } from '../service/city-service.ts';
import { notFound } from './http-error.ts';
import {
  checkParameters,
  cityId,
  count,
  countryCode,
  latitude,
  longitude,
  populationIn,
  searchPrefix,
} from './input.ts';
import { readJson } from './read-json.ts';
import { Router, type PathParameters } from './router.ts';

/** One request, taken apart. */
export interface Call {
  readonly request: IncomingMessage;
  readonly parameters: PathParameters;
  readonly query: URLSearchParams;
  readonly freshness: Freshness;
}

/** What is sent back. */
export interface Reply {
  /** @default 200 */
  readonly status?: number;
  readonly body: unknown;
  /** Which tier the answer came from; sent as `x-cache`. */
  readonly tier?: string;
}

/** What answers a route. */
export type Handler = (call: Call) => Promise<Reply>;

/** For who comes without having read anything. */
const EXAMPLES: readonly string[] = [
  '/search?prefix=san',
  '/nearest?lat=47.37&lon=8.54&k=5',
  '/countries/CH/stats',
  '/cities/2657896',
];

/** The service's endpoints. */
export function createRoutes(service: CityService): Router<Handler> {
  const routes = new Router<Handler>();
  return routes
    .on('GET', '/', async () => ({ body: { endpoints: routes.endpoints, examples: EXAMPLES } }))
    .on('GET', '/cities/:id', async ({ parameters, query, freshness }) => {
      checkParameters(query, []);
      const id = cityId(parameters['id'] ?? '');
      const { value, tier } = await service.city(id, freshness);
      if (value === null) throw notFound(`city ${id}`);
      return { body: value, tier };
    })
    .on('PUT', '/cities/:id/population', async ({ request, parameters, query }) => {
      checkParameters(query, []);
      const id = cityId(parameters['id'] ?? '');
      const changed = await service.setPopulation(id, populationIn(await readJson(request)));
      if (changed === null) throw notFound(`city ${id}`);
      return { body: { id, population: changed.population } };
    })
    .on('GET', '/search', async ({ query, freshness }) => {
      checkParameters(query, ['prefix']);
      const prefix = searchPrefix(query.get('prefix'));
      const { value, tier } = await service.search(prefix, freshness);
      return { body: { cities: value }, tier };
    })
    .on('GET', '/nearest', async ({ query, freshness }) => {
      checkParameters(query, ['lat', 'lon', 'k']);
      const { value, tier } = await service.nearest(
        latitude(query.get('lat')),
        longitude(query.get('lon')),
        count(query.get('k')),
        freshness,
      );
      return { body: { cities: value }, tier };
    })
    .on('GET', '/countries/:code/stats', async ({ parameters, query, freshness }) => {
      checkParameters(query, []);
      const code = countryCode(parameters['code'] ?? '');
      const { value, tier } = await service.countryStats(code, freshness);
      if (value === null) throw notFound(`country ${code}`);
      return { body: value, tier };
    })
    .on('GET', '/stats', async () => ({ body: service.cache.stats() }))
    .on('GET', '/health', async () => {
      const health = await service.health();
      return { status: health.database ? 200 : 503, body: health };
    });
}
