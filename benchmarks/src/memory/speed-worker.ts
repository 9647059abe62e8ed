import { seededRandom } from '@perf/core/testing';
import { serveJob } from '../harness/job.ts';
import { shuffled } from '../harness/statistics.ts';
import { createFixture } from './fixture.ts';
import type * as Loops from './loops.ts';
import type { SpeedFigure, SpeedInput, SpeedOutput, Workload } from './speed.ts';
import { capacityOf, subjectsOf } from './subjects.ts';
import { takeTurns, type Contestant } from './take-turns.ts';
import { openWorkload } from './workloads.ts';

const WORKLOADS: readonly Workload[] = [
  'getHit',
  'setExisting',
  'evictingSet',
  'readThrough',
  'delete',
  'stats',
];

async function measure({ suite, seed, rounds }: SpeedInput): Promise<SpeedOutput> {
  const random = seededRandom(seed);
  const fixture = createFixture(capacityOf(suite));
  const contestants: Contestant[] = [];
  for (const subject of shuffled(subjectsOf(suite), random)) {
    const url = new URL(`loops.js?for=${encodeURIComponent(subject.name)}`, import.meta.url);
    const loops = (await import(url.href)) as typeof Loops;
    for (const workload of subject.workloads) {
      contestants.push({
        subject: subject.name,
        workload,
        ...openWorkload(workload, subject.create(), loops, fixture),
      });
    }
  }
  const figures: SpeedFigure[] = [];
  for (const workload of shuffled(WORKLOADS, random)) {
    const rivals = contestants.filter((contestant) => contestant.workload === workload);
    figures.push(...takeTurns(rivals, rounds, random));
  }
  return figures;
}

serveJob(measure);
