import type { CacheStore } from '@perf/cache-core';
import type BetterSqlite3 from 'better-sqlite3';
import { expectTypeOf, test } from 'vitest';
import { sqliteStore, type EntryInfo, type SqliteDriver, type SqliteStore } from '../src/index.ts';

declare const Database: typeof BetterSqlite3;

test('the class of better-sqlite3 is a driver', () => {
  expectTypeOf(Database).toExtend<SqliteDriver>();
  sqliteStore({ path: 'cache.db', driver: Database });
  // @ts-expect-error an open database is not
  sqliteStore({ path: 'cache.db', driver: new Database('cache.db') });
});

test('the store is a CacheStore with its optional parts', () => {
  type Parts = 'starting' | 'touchMany' | 'keys' | 'clearExpired' | 'fencing';
  expectTypeOf<SqliteStore>().toExtend<CacheStore & Required<Pick<CacheStore, Parts>>>();
  expectTypeOf<SqliteStore['entries']>().returns.toEqualTypeOf<AsyncIterable<EntryInfo>>();
});

test('durations, sizes and rules are checked', () => {
  // @ts-expect-error not a duration
  sqliteStore({ path: 'cache.db', sweepInterval: '5 potatoes' });
  // @ts-expect-error not a size
  sqliteStore({ path: 'cache.db', maxBytes: '5 potatoes' });
  const store = sqliteStore({ path: 'cache.db' });
  // @ts-expect-error a rule needs its bound
  void store.cleanup({ by: 'age' });
});
