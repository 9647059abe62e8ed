import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ManualClock, seededRandom } from '@perf/core/testing';
import { expect, it } from 'vitest';
import { fsStore } from '../src/index.ts';
import { versionOf } from './fixtures/versioned-values.ts';
import { bundleProgram, startWorker } from './fixtures/worker-process.ts';

const RUNS = Number(process.env['PERF_TORTURE_RUNS'] ?? 200);
const SEED = Number(process.env['PERF_TORTURE_SEED'] ?? 1);
const KEYS = Array.from({ length: 40 }, (_, index) => `key ${index}`);
/** The longest time that a writer is let write, in milliseconds. */
const LIFE = 30;
const PROGRESS_EVERY = 10;

it(`after ${RUNS} writers were killed in mid-write every entry is whole`, async () => {
  const random = seededRandom(SEED);
  // On a real disk, where there is one.
  const base = await mkdtemp(join(tmpdir(), 'perf-cache-fs-torture-'));
  const dir = join(base, 'store');
  const call = { signal: new AbortController().signal };
  let abandoned = 0;
  let read = 0;
  try {
    const bundle = await bundleProgram('store-worker', base);
    for (let run = 1; run <= RUNS; run++) {
      const worker = startWorker(bundle);
      await worker.ask({ do: 'open', options: { dir } });
      await worker.ask({ do: 'storm', keys: KEYS, seed: run * 100_000 });
      await delay(random() * LIFE);
      await worker.kill();

      const store = fsStore({ dir });
      const damaged: unknown[] = [];
      store.on('damaged', (event) => damaged.push(event));
      const entries = await store.getMany(KEYS, call);
      for (const [index, entry] of entries.entries()) {
        if (entry === undefined) continue;
        read++;
        expect(versionOf(KEYS[index] ?? '', entry.bytes), `${KEYS[index]} is torn`).toBeDefined();
      }
      // At least what the writer was told to be stored is there.
      expect(entries.filter((entry) => entry !== undefined).length).toBeGreaterThan(0);
      expect(damaged).toEqual([]);
      expect(
        await store.setMany([{ key: 'next', bytes: new Uint8Array(1), ttl: 1000 }], call),
      ).toEqual(['stored']);
      await store.close();
      abandoned = await temporaryFiles(dir);
      if (run % PROGRESS_EVERY === 0 || run === RUNS) {
        console.log(
          `killed ${run} of ${RUNS}: ${read} entries read, ${abandoned} writes cut short`,
        );
      }
    }

    const clock = new ManualClock(Date.now() + 3_600_000);
    const store = fsStore({ dir, clock });
    await store.sweep();
    expect(store.stats()).toMatchObject({ abandoned, damaged: 0 });
    await store.close();
    expect(await temporaryFiles(dir)).toBe(0);
    // Otherwise the writers were killed between writes, and nothing was tried.
    expect(abandoned).toBeGreaterThan(0);
  } finally {
    await rm(base, { recursive: true, force: true });
  }
});

async function temporaryFiles(dir: string): Promise<number> {
  return (await readdir(dir)).filter((file) => file.startsWith('perf1-tmp-')).length;
}
