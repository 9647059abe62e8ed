import { expectTypeOf, test } from 'vitest';
import pg from 'pg';
import { poolConfig, createPoolRegistry } from '@perf/pool';
import {
  createPostgresPool,
  type Lease,
  type PostgresSession,
  type QueryResult,
} from '@perf/pool/postgres';

const pool = createPostgresPool({
  ...poolConfig().size(1, 2).build(),
  client: () => new pg.Client(),
});

test('rows have the type that is asked for, and are otherwise unknown', () => {
  expectTypeOf(pool.query<{ readonly id: number }>('select 1')).resolves.toEqualTypeOf<
    QueryResult<{ readonly id: number }>
  >();
  expectTypeOf(pool.query('select 1')).resolves.toEqualTypeOf<QueryResult>();
});

test('a transaction and a session resolve to what their function does', () => {
  expectTypeOf(pool.transaction(() => 1)).resolves.toEqualTypeOf<number>();
  expectTypeOf(pool.use(async () => 'a')).resolves.toEqualTypeOf<string>();
  expectTypeOf(
    pool.transaction(async (one) => one.transaction(async () => true)),
  ).resolves.toEqualTypeOf<boolean>();
});

test('a registry knows what it hands out', () => {
  const pools = createPoolRegistry({ db: pool });
  expectTypeOf(pools.acquire('db')).resolves.toEqualTypeOf<Lease<PostgresSession>>();
});

test('what makes no sense does not compile', () => {
  // @ts-expect-error there is no such isolation
  void pool.transaction(() => 1, { isolation: 'snapshot' });
  // @ts-expect-error not a duration
  void pool.query('select 1', [], { timeout: 'soon' });
  // @ts-expect-error a nested transaction is not run again
  void pool.use((session) => session.transaction(() => 1, { retries: 1 }));
  // @ts-expect-error it makes no client
  createPostgresPool({ client: () => 1 });
});
