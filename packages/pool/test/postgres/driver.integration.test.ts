import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inspect } from 'node:util';
import pg from 'pg';
import { ConfigError } from '@perf/core';
import { PoolCreateError } from '@perf/pool';
import { createPostgresPool } from '@perf/pool/postgres';
import { expectLaw, rejection, startBench, type Bench } from './postgres-fixture.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await startBench();
});
afterAll(() => bench[Symbol.asyncDispose]());

describe('a factory of clients', () => {
  it('makes the connections, and those that cancel', async () => {
    let made = 0;
    const pool = createPostgresPool({
      max: 1,
      client: () => {
        made++;
        return new pg.Client(bench.server.url);
      },
    });
    expect((await pool.query('select 1 as n')).rows).toEqual([{ n: 1 }]);
    await rejection(pool.query('select pg_sleep(1000)', [], { timeout: 20 }));
    await pool.query('select 1');
    expect([made, pool.stats().created]).toEqual([2, 1]);
    await expectLaw(pool);
  });

  it('that makes something else, or a pipelining client, is refused with what to do', async () => {
    const { url } = bench.server;
    for (const client of [
      () => new pg.Client({ connectionString: url, pipeline: true }),
      () => ({}) as pg.Client,
    ]) {
      const pool = createPostgresPool({ max: 1, client });
      const error = await rejection(pool.query('select 1'));
      expect(error).toBeInstanceOf(PoolCreateError);
      expect((error as PoolCreateError).cause).toBeInstanceOf(ConfigError);
      await expectLaw(pool);
    }
  });
});

describe('onConnect', () => {
  it('prepares each connection before anybody has it', async () => {
    const pool = bench.pool({
      max: 1,
      onConnect: async (session) => {
        await session.query("set application_name = 'prepared by us'");
        await session.query('begin');
      },
    });
    const { rows } = await pool.query('show application_name');
    expect(rows).toEqual([{ application_name: 'prepared by us' }]);
    expect((await pool.query('show transaction_isolation')).rows).toHaveLength(1);
    await expectLaw(pool);
  });

  it('that fails is a failure to connect, and leaves no connection', async () => {
    const failure = new Error('not like this');
    const pool = bench.pool({
      max: 1,
      connection: { application_name: 'failing' },
      onConnect: () => {
        throw failure;
      },
    });
    const error = await rejection(pool.query('select 1'));
    expect(error).toMatchObject({ name: 'PoolCreateError', cause: failure });
    await expectLaw(pool);
  });
});

describe('a secret', () => {
  it('is in no error, whatever fails', async () => {
    const secret = 'p4ssw0rd';
    const addresses = [
      `postgres://u:${secret}@127.0.0.1:1/db`,
      `postgres://u:${secret}@127.0.0.1:${bench.server.port}/db`,
      `postgres://u:${secret}%zz@127.0.0.1:port/db`,
      `postgres://u:${secret}@[::x]/db`,
      `${secret}\u0000`,
    ];
    for (const connectionString of addresses) {
      const errors: unknown[] = [];
      try {
        const pool = createPostgresPool({ connectionString, max: 1 });
        pool.on('error', ({ error }) => errors.push(error));
        errors.push(await rejection(pool.query('select 1')), pool, pool.stats());
        await pool.close();
      } catch (error) {
        errors.push(error);
      }
      expect(errors.length).toBeGreaterThan(0);
      for (const error of errors) {
        expect(inspect(error, { depth: 10, showHidden: true })).not.toContain(secret);
      }
    }
  });
});
