import { describe, expect, it } from 'vitest';
import { ConfigError, MissingDriverError } from '@perf/core';
import { createPostgresPool } from '@perf/pool/postgres';
import { clientSource } from '../../src/postgres/driver.ts';
import { postgresPoolSettings } from '../../src/postgres/options.ts';

function refused(options: object): unknown {
  try {
    createPostgresPool(options);
  } catch (error) {
    return error instanceof ConfigError ? error.option : error;
  }
  return undefined;
}

describe('options of a PostgreSQL pool', () => {
  it('that are wrong are refused with their name', () => {
    const wrong: Readonly<Record<string, object>> = {
      'postgresPool.max': { max: 0 },
      'postgresPool.queryTimeout': { queryTimeout: 'soon' },
      'postgresPool.prepare': { prepare: 'yes' },
      'postgresPool.prepare.after': { prepare: { after: 0 } },
      'postgresPool.prepare.limit': { prepare: { limit: 1 } },
      'postgresPool.client': { client: 'pg' },
      'postgresPool.connection': { connection: 'localhost' },
      'postgresPool.connectionString': { connectionString: '' },
      'postgresPool.onConnect': { onConnect: true },
      'postgresPool.queryPolicy': { queryPolicy: {} },
      'postgresPool.connection.query_timeout': { connection: { query_timeout: 5 } },
      'postgresPool.connection.connectionTimeoutMillis': {
        connection: { connectionTimeoutMillis: 5 },
      },
      'postgresPool.connection.pipeline': { connection: { pipeline: true } },
      'postgresPool.poolSize': { poolSize: 3 },
    };
    for (const [option, options] of Object.entries(wrong)) expect(refused(options)).toBe(option);
    const both = { client: () => ({}), connectionString: 'postgres://host/db' };
    expect(refused(both)).toBe('postgresPool.connectionString');
  });

  it('may name a socket, a host without a password, or nothing at all', () => {
    for (const connectionString of [
      'postgres://host/db',
      'postgresql://user@/db?host=/var/run/postgresql',
      'socket:/var/run/postgresql?db=app',
      '/var/run/postgresql app',
    ]) {
      expect(postgresPoolSettings({ connectionString }).driverOptions).toEqual({
        connectionString,
      });
    }
    expect(postgresPoolSettings({}).driverOptions).toEqual({});
  });

  it('have defaults that bound everything', () => {
    const { queryTimeout, catalog, pool } = postgresPoolSettings({});
    expect({ queryTimeout, catalog }).toEqual({
      queryTimeout: 60_000,
      catalog: { after: 5, max: 200 },
    });
    expect(pool).toMatchObject({ max: 10, connectTimeout: 10_000, acquireTimeout: 30_000 });
    expect(postgresPoolSettings({ prepare: false }).catalog.max).toBe(0);
  });
});

describe('a driver that is missing', () => {
  it('is named, with what to run', async () => {
    const source = clientSource({ client: undefined, driverOptions: {} }, () =>
      Promise.reject(new MissingDriverError('pg', '@perf/pool/postgres')),
    );
    await expect(source.make()).rejects.toThrow('npm install pg');
  });
});
