import { ManualClock, describeCacheStore } from '@perf/cache-core/testing';
import { describe, it, vi } from 'vitest';
import { fsStore, type FsStore } from '../src/index.ts';
import { makeTemporaryFolder, removeFolder } from './fixtures/temporary-folder.ts';

// Thousands of files take their time on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const OPTIONS = { maxValueBytes: '2mb' } as const;

describeCacheStore(
  'fsStore',
  async () => {
    const clock = new ManualClock();
    const dir = await makeTemporaryFolder();
    const stores: FsStore[] = [];
    const create = (): FsStore => {
      const store = fsStore({ dir, clock, ...OPTIONS });
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
        await removeFolder(dir);
      },
    };
  },
  { describe, it, capabilities: fsStore({ dir: '.', ...OPTIONS }).capabilities },
);
