import { seededRandom } from '@perf/core/testing';
import { serveJob } from '../../harness/job.ts';
import { shuffled } from '../../harness/statistics.ts';
import {
  processorCost,
  takeTurns,
  type Contestant,
  type Cost,
  type Rounds,
} from '../../harness/turns.ts';
import { recordOf } from '../payload.ts';
import { localSubjects, type OpenSubject } from './local-subjects.ts';
import type * as Loops from './loops.ts';
import { AWAITED, SYNCHRONOUS } from './workloads.ts';

/** Work of one process. */
export interface LocalHitsInput {
  readonly redis: string | undefined;
  readonly seed: number;
  readonly rounds: Rounds;
}

const KEYS = 1000;
const VALUE_BYTES = 1000;
const COUNT = 16_000;
/** Where a hit takes microseconds. */
const SLOW_COUNT = 1000;

async function measure({ redis, seed, rounds }: LocalHitsInput): Promise<Cost[]> {
  const random = seededRandom(seed);
  const values = new Map(
    Array.from({ length: KEYS }, (_, index) => [`user:${index}`, recordOf(index, VALUE_BYTES)]),
  );
  const keys = [...values.keys()];
  const accesses = Array.from(
    { length: COUNT },
    () => keys[Math.floor(random() * keys.length)] as string,
  );
  const opened: OpenSubject[] = [];
  const contestants: Contestant[] = [];
  for (const kind of shuffled(localSubjects(redis), random)) {
    const { name, slow } = kind;
    const url = new URL(`loops.js?for=${encodeURIComponent(name)}`, import.meta.url);
    const { awaitAll, readAll } = (await import(url.href)) as typeof Loops;
    const subject = await kind.open(values);
    opened.push(subject);
    const { read, readLocal } = subject;
    const asked = slow === true ? accesses.slice(0, SLOW_COUNT) : accesses;
    const contestant = (
      workload: string,
      readEach: () => number | Promise<number>,
    ): Contestant => ({
      subject: name,
      workload,
      async run() {
        // While others were opened nobody listened to the bus: memory has to be proved again, by reads that wait.
        await awaitAll(read, keys);
        // What the others have displaced comes back into the processor's caches.
        await readEach();
        return processorCost(asked.length, async () => {
          const hits = await readEach();
          if (hits !== asked.length) throw new Error(`${name}: ${hits} of ${asked.length} hits`);
        });
      },
    });
    contestants.push(contestant(AWAITED, () => awaitAll(read, asked)));
    if (readLocal !== undefined) {
      contestants.push(contestant(SYNCHRONOUS, () => readAll(readLocal, asked)));
    }
  }
  const costs = await takeTurns(contestants, rounds, random);
  await Promise.all(opened.map(({ close }) => close()));
  return costs;
}

serveJob(measure);
