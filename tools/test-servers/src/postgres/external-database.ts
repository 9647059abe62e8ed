import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { ForeignServerError, TestServerError } from '../errors.ts';
import type { PostgresServer } from './postgres-server.ts';

/**
 * A new, empty database on a server that is already there, so that runs do not meet. Dropped by `stop()`;
 * it stays behind if our process is killed.
 * @param variable names where the address came from, for errors
 * @throws {@link TestServerError} when the address is malformed, or no database can be created in time
 */
export async function createExternalDatabase(
  address: string,
  variable: string,
  timeout: number,
): Promise<PostgresServer> {
  const given = parse(address, variable);
  const database = `perf_${randomBytes(8).toString('hex')}`;
  await administer(address, variable, `CREATE DATABASE ${database}`, timeout);
  const own = new URL(given);
  own.pathname = `/${database}`;
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    stopping ??= administer(
      address,
      variable,
      `DROP DATABASE IF EXISTS ${database} WITH (FORCE)`,
      timeout,
    );
    return stopping;
  };
  const refuse = async (operation: string): Promise<never> => {
    throw new ForeignServerError('postgres', operation, variable);
  };
  return {
    origin: 'environment',
    url: own.href,
    host: given.hostname,
    port: Number(given.port || 5432),
    process: undefined,
    stop,
    kill: () => refuse('kill'),
    freeze: () => refuse('freeze'),
    thaw: () => refuse('thaw'),
    restart: () => refuse('restart'),
    [Symbol.asyncDispose]: stop,
  };
}

function parse(address: string, variable: string): URL {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url?.protocol === 'postgres:' || url?.protocol === 'postgresql:') return url;
  // The value is not shown: it may hold a password.
  throw new TestServerError(
    'postgres',
    `${variable} must be an address such as postgres://user:password@host:5432/database`,
  );
}

async function administer(
  address: string,
  variable: string,
  statement: string,
  timeout: number,
): Promise<void> {
  const client = new Client({
    connectionString: address,
    connectionTimeoutMillis: timeout,
    query_timeout: timeout,
  });
  client.on('error', () => undefined); // A lost connection fails the query as well.
  try {
    await client.connect();
    await client.query(statement);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new TestServerError(
      'postgres',
      `the server at ${variable} refused "${statement}": ${reason}. It must be reachable, ` +
        `and the user must be allowed to create databases`,
      { cause: error },
    );
  } finally {
    await client.end().catch(() => undefined);
  }
}
