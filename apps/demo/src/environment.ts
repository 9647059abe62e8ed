import { Pool } from 'pg';
import { createTemporaryFolder, startPostgres } from '@perf/test-servers';
import { openCache, type SecondTier } from './cache.ts';
import type { Cleanup } from './cleanup.ts';
import { CityQueries } from './database/city-queries.ts';
import { loadCities } from './database/load-cities.ts';
import type { City } from './dataset/city.ts';
import { createRoutes } from './http/routes.ts';
import { serve, type HttpServer } from './http/server.ts';
import type { Output } from './report/output.ts';
import type { CityCache } from './service/city-cache.ts';
import { CityService } from './service/city-service.ts';

/** Connections to the database. */
const CONNECTIONS = 8;
/** No query of the service takes nearly as long, in milliseconds. */
const STATEMENT_TIMEOUT = 15_000;

/** PostgreSQL with the cities in it; both end with the cleanup. */
export async function prepareDatabase(
  dataset: () => Promise<readonly City[]>,
  output: Output,
  cleanup: Cleanup,
  signal: AbortSignal,
): Promise<{ readonly cities: readonly City[]; readonly queries: CityQueries }> {
  const postgres = cleanup.add(await startPostgres(), (server) => server.stop());
  output.line(`PostgreSQL is ready on port ${postgres.port} (${ORIGINS[postgres.origin]})`);
  const pool = cleanup.add(
    new Pool({
      connectionString: postgres.url,
      max: CONNECTIONS,
      statement_timeout: STATEMENT_TIMEOUT,
      connectionTimeoutMillis: STATEMENT_TIMEOUT,
    }),
    (pool) => pool.end(),
  );
  // An idle connection that breaks is replaced; a query on a broken one rejects by itself.
  pool.on('error', () => undefined);
  signal.throwIfAborted();
  const cities = await dataset();
  await output.task('loading cities (GeoNames, CC BY 4.0)', cities.length, (onProgress) =>
    loadCities(pool, cities, onProgress, signal),
  );
  return { cities, queries: new CityQueries(pool) };
}

const ORIGINS = {
  environment: 'from PERF_PG_URL',
  package: 'started from the npm package',
  local: 'started from the local installation',
} as const;

/** The service, listening, and what restarts its cache. */
export interface RunningService {
  readonly server: HttpServer;
  /** Closes the cache and makes it anew on the same second tier. */
  restartCache(): Promise<void>;
}

/**
 * The service on a port.
 * @param spoil replaces the cache, for tests of what the demo notices
 */
export async function startService(
  queries: CityQueries,
  tier: SecondTier,
  port: number,
  output: Output,
  cleanup: Cleanup,
  spoil: (cache: CityCache) => CityCache = (cache) => cache,
): Promise<RunningService> {
  const folder = cleanup.add(await createTemporaryFolder('demo'), (folder) => folder.remove());
  const warned = new Set<string>();
  const warnOnce = (what: string, error: unknown): void => {
    const text = `${what}: ${describe(error)}`;
    if (warned.size < 20 && !warned.has(text)) output.line(`warning: ${text}`);
    warned.add(text);
  };
  const open = (): CityCache =>
    spoil(
      openCache(tier, folder.path, (operation, error) => {
        warnOnce(`cache, ${operation}`, error);
      }),
    );
  const service = new CityService(queries, open());
  cleanup.add(service, (service) => service.cache.close());
  const server = await serve(createRoutes(service), port, (error) => {
    warnOnce('request failed', error);
  });
  cleanup.add(server, (server) => server.close());
  return {
    server,
    async restartCache() {
      await service.cache.close();
      service.useCache(open());
    },
  };
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.cause === undefined) return error.message;
  const cause = describe(error.cause);
  return error.message.includes(cause) ? error.message : `${error.message} (${cause})`;
}
