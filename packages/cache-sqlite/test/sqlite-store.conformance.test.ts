import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describeCacheStore, ManualClock } from '@perf/cache-core/testing';
import { describe, it } from 'vitest';
import { sqliteStore, type SqliteStore } from '../src/index.ts';
import { driverIsMissing } from './fixtures/driver.ts';

const OPTIONS = { maxValueBytes: '1mb', dropLog: 3000 } as const;

describeCacheStore(
  'sqliteStore',
  async () => {
    const clock = new ManualClock();
    const folder = await mkdtemp(path.join(tmpdir(), 'perf-cache-sqlite-'));
    const stores: SqliteStore[] = [];
    const create = (): SqliteStore => {
      const store = sqliteStore({ path: path.join(folder, 'cache.db'), clock, ...OPTIONS });
      stores.push(store);
      return store;
    };
    return {
      store: create(),
      advance: (milliseconds) => {
        clock.advance(milliseconds);
      },
      second: create,
      reopen: create,
      cleanup: async () => {
        await Promise.all(stores.map((store) => store.close()));
        await rm(folder, { recursive: true, force: true });
      },
    };
  },
  {
    describe: describe.skipIf(driverIsMissing),
    it,
    capabilities: sqliteStore({ path: '/nowhere', ...OPTIONS }).capabilities,
    dropsKept: OPTIONS.dropLog,
  },
);
