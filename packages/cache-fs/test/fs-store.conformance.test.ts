import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ManualClock, describeCacheStore } from '@perf/cache-core/testing';
import { describe, it } from 'vitest';
import { fsStore, type FsStore } from '../src/index.ts';

const OPTIONS = { maxValueBytes: '2mb' } as const;

describeCacheStore(
  'fsStore',
  async () => {
    const clock = new ManualClock();
    const dir = await mkdtemp(join(tmpdir(), 'perf-cache-fs-'));
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
        await rm(dir, { recursive: true, force: true });
      },
    };
  },
  { describe, it, capabilities: fsStore({ dir: tmpdir(), ...OPTIONS }).capabilities },
);
