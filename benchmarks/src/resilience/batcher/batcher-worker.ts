import { seededRandom } from '@perf/core/testing';
import { createBatcher } from '@perf/resilience';
import DataLoader from 'dataloader';
import { serveJob } from '../../harness/job.ts';
import { shuffled } from '../../harness/statistics.ts';
import {
  processorCost,
  takeTurns,
  type Contestant,
  type Cost,
  type Rounds,
} from '../../harness/turns.ts';
import type * as Loops from './loops.ts';
import { BARE, CONTROL, DATALOADER, LOADS, OURS } from './names.ts';

/** Work of one process. */
export interface BatcherInput {
  readonly seed: number;
  readonly rounds: Rounds;
}

interface Subject {
  readonly name: string;
  readonly load: (key: number) => Promise<number>;
  /** Forgets what was loaded; not timed. */
  readonly forget?: () => void;
}

const BATCHES = 150;

async function loadAll(keys: readonly number[]): Promise<number[]> {
  return keys.map((key) => key + 1);
}

function subjects(): Subject[] {
  const plain = (name: string): Subject => {
    const loader = new DataLoader(loadAll, { cache: false, maxBatchSize: 100 });
    return { name, load: (key) => loader.load(key) };
  };
  const cached = new DataLoader(loadAll, { maxBatchSize: 100 });
  const ours = (name: string, dedupe: boolean): Subject => {
    const batcher = createBatcher({ load: loadAll, dedupe });
    return { name, load: (key) => batcher.load(key) };
  };
  return [
    { name: BARE, load: async (key) => key + 1 },
    plain(DATALOADER.plain),
    plain(CONTROL),
    {
      name: DATALOADER.cached,
      load: (key) => cached.load(key),
      forget: () => {
        cached.clearAll();
      },
    },
    ours(OURS.plain, false),
    ours(OURS.distinct, true),
  ];
}

async function measure({ seed, rounds }: BatcherInput): Promise<Cost[]> {
  const random = seededRandom(seed);
  let key = 0;
  const contestants: Contestant[] = [];
  for (const { name, load, forget } of shuffled(subjects(), random)) {
    const url = new URL(`loops.js?for=${encodeURIComponent(name)}`, import.meta.url);
    const { loadBatches, KEYS_PER_BATCH } = (await import(url.href)) as typeof Loops;
    const count = BATCHES * KEYS_PER_BATCH;
    contestants.push({
      subject: name,
      workload: LOADS,
      async run() {
        await loadBatches(load, BATCHES, (key += count));
        forget?.();
        const cost = await processorCost(count, () => loadBatches(load, BATCHES, (key += count)));
        forget?.();
        return cost;
      },
    });
  }
  return takeTurns(contestants, rounds, random);
}

serveJob(measure);
