import { createTemporaryFolder } from '@perf/test-servers';
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
import { fileSubjects, sqliteSubjects, type HostSubject } from './host-subjects.ts';
import { WORKLOADS, type HostKind } from './workloads.ts';

/** Work of one process. */
export interface HostStoresInput {
  readonly kind: HostKind;
  readonly seed: number;
  readonly rounds: Rounds;
}

const KEYS = 1000;
const BYTES = { sqlite: 1000, files: 10_000 } as const;
const COUNTS = { sqlite: 300, files: 100 } as const;

async function measure({ kind, seed, rounds }: HostStoresInput): Promise<Cost[]> {
  await using folder = await createTemporaryFolder('host-stores');
  const random = seededRandom(seed);
  const all = kind === 'sqlite' ? await sqliteSubjects(folder.path) : fileSubjects(folder.path);
  const subjects = shuffled(all, random);
  const bytes = Buffer.from('0123456789'.repeat(BYTES[kind] / 10));
  for (const { set } of subjects) {
    for (let index = 0; index < KEYS; index++) await set(keyOf(index), bytes);
  }
  const { get, set } = WORKLOADS[kind];
  const keys = Array.from({ length: KEYS }, () => keyOf(Math.floor(random() * KEYS)));
  const costs: Cost[] = [];
  for (const workload of shuffled([get, set], random)) {
    const contestants = subjects.map((subject) =>
      contestant(subject, workload, keys, COUNTS[kind], workload === set ? bytes : undefined),
    );
    costs.push(...(await takeTurns(contestants, rounds, random)));
  }
  await Promise.all(subjects.map(({ close }) => close()));
  return costs;
}

/** One operation after the other. @param bytes what is set; without, it gets */
function contestant(
  { name, get, set }: HostSubject,
  workload: string,
  keys: readonly string[],
  count: number,
  bytes: Buffer | undefined,
): Contestant {
  let position = 0;
  return {
    subject: name,
    workload,
    run: () =>
      timeCost(count, async () => {
        for (let done = 0; done < count; done++) {
          const key = keys[position++ % keys.length] as string;
          if (bytes !== undefined) await set(key, bytes);
          else if ((await get(key)) === undefined) throw new Error(`${name}: ${key} was missing`);
        }
      }),
  };
}

function keyOf(index: number): string {
  return `user:profile:${index}`;
}

serveJob(measure);
