import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { systemClock } from '@perf/core';
import { describeCacheStore } from '@perf/cache-core/testing';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { FileStore, type SqliteStore } from '../../src/sqlite-store.ts';
import { resolveOptions } from '../../src/sqlite-store-options.ts';
import { WorkerStore } from '../../src/worker/worker-store.ts';
import { driverIsMissing } from '../fixtures/driver.ts';
import { buildPrograms, type Programs } from '../fixtures/programs.ts';

const OPTIONS = { maxValueBytes: '1mb', dropLog: 3000, lockTimeout: '1s' } as const;

let programs: Programs | undefined;
beforeAll(async () => {
  programs = await buildPrograms();
});
afterAll(() => programs?.remove());

function openInWorker(file: string): SqliteStore {
  const settings = resolveOptions({ path: file, worker: true, ...OPTIONS });
  const backend = new WorkerStore(settings, programs?.worker);
  return new FileStore(settings, backend, systemClock, false);
}

describeCacheStore(
  'sqliteStore in a worker',
  async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'perf-cache-sqlite-'));
    const stores: SqliteStore[] = [];
    const create = (): SqliteStore => {
      const store = openInWorker(path.join(folder, 'cache.db'));
      stores.push(store);
      return store;
    };
    return {
      store: create(),
      // The worker keeps the system's time.
      advance: (milliseconds) => setTimeout(milliseconds),
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
    // Most of the time goes into starting threads and into waiting.
    it: it.concurrent,
    capabilities: openInWorker('/nowhere').capabilities,
    dropsKept: OPTIONS.dropLog,
    realTime: true,
  },
);
