import { seededRandom } from '@perf/core/testing';
import { serveJob } from '../../harness/job.ts';
import { shuffled } from '../../harness/statistics.ts';
import {
  takeTurns,
  timeCost,
  type Contestant,
  type Cost,
  type Rounds,
} from '../../harness/turns.ts';
import { recordOf } from '../payload.ts';
import { readSubjects, writeSubjects, type RedisSubject } from './redis-subjects.ts';
import { runConcurrently } from '../../harness/run-concurrently.ts';
import { CONCURRENCIES, FILLS, readsBy, SETS } from './workloads.ts';

/** Work of one process. */
export interface RedisSpeedInput {
  readonly url: string;
  readonly part: 'reads' | 'writes';
  readonly seed: number;
  readonly rounds: Rounds;
}

const VALUE_BYTES = 1000;
/** Many more than callers at once: no two of them ask for the same. */
const KEYS = 4000;
/** Operations per turn: some tens of milliseconds. */
const COUNTS = { 1: 500, 32: 4000, 256: 8000 } as const;
const WRITE_COUNT = 4000;

async function measure({ url, part, seed, rounds }: RedisSpeedInput): Promise<Cost[]> {
  const random = seededRandom(seed);
  const reads = part === 'reads';
  const subjects = shuffled(reads ? readSubjects(url) : writeSubjects(url), random);
  if (reads) await Promise.all(subjects.map(fill));
  const contestants = subjects.flatMap((subject) =>
    reads ? readContestants(subject) : writeContestants(subject),
  );
  const workloads = [...new Set(contestants.map(({ workload }) => workload))];
  const costs: Cost[] = [];
  for (const workload of shuffled(workloads, random)) {
    const rivals = contestants.filter((contestant) => contestant.workload === workload);
    costs.push(...(await takeTurns(rivals, rounds, random)));
  }
  await Promise.all(subjects.map(({ close }) => close()));
  return costs;
}

async function fill({ set }: RedisSubject): Promise<void> {
  await runConcurrently(64, KEYS, async (index) => {
    await set?.(keyOf(index), recordOf(index, VALUE_BYTES));
  });
}

function readContestants({ name, read }: RedisSubject): Contestant[] {
  if (read === undefined) return [];
  let position = 0;
  return CONCURRENCIES.map((concurrency) => ({
    subject: name,
    workload: readsBy(concurrency),
    run: () =>
      timeCost(COUNTS[concurrency], () =>
        runConcurrently(concurrency, COUNTS[concurrency], async () => {
          const key = keyOf(position++ % KEYS);
          if ((await read(key)) === undefined) throw new Error(`${name}: ${key} was missing`);
        }),
      ),
  }));
}

function writeContestants({ name, set, fill: load }: RedisSubject): Contestant[] {
  const values = Array.from({ length: KEYS }, (_, index) => recordOf(index, VALUE_BYTES));
  let position = 0;
  const timed = (
    workload: string,
    write: ((key: string, value: object) => Promise<unknown>) | undefined,
    keyAt: (index: number) => string,
  ): Contestant[] =>
    write === undefined
      ? []
      : [
          {
            subject: name,
            workload,
            run: () =>
              timeCost(WRITE_COUNT, () =>
                runConcurrently(256, WRITE_COUNT, () => {
                  const index = position++;
                  return write(keyAt(index), values[index % KEYS] as object);
                }),
              ),
          },
        ];
  return [
    ...timed(SETS, set, (index) => keyOf(index % KEYS)),
    // What is filled was never there. Raw Redis has no fill: its set is what a fill is compared with.
    ...timed(FILLS, load ?? set, (index) => `absent:${index}`),
  ];
}

function keyOf(index: number): string {
  return `user:${index}`;
}

serveJob(measure);
