import type { OurPolicy } from '../caches/our-policies.ts';
import type { GroupContext } from '../harness/group.ts';
import { runJobs, type Job } from '../harness/job.ts';
import { mean, median } from '../harness/statistics.ts';
import type { Figure } from '../harness/target.ts';
import type { SpaceInput, SpaceOutput, SpaceSubject } from './space.ts';
import type { StallInput, StallOutput } from './stall.ts';
import type { PolicyTarget } from './targets.ts';

const FILLED = [600_000, 800_000, 1_000_000, 1_200_000];
const EMPTY = 1_000_000;
const STALL_ENTRIES = 4_000_000;
const PEER = 'lru-cache';

/** What each subject came to. */
export type SpaceMeasurement = ReadonlyMap<SpaceSubject, Record<PolicyTarget['figure'], number>>;

/** Our figure beside the peer's. */
export function spaceFigure(
  measurement: SpaceMeasurement,
  policy: OurPolicy,
  figure: PolicyTarget['figure'],
): Figure | undefined {
  const ours = measurement.get(policy)?.[figure];
  const peer = measurement.get(PEER)?.[figure];
  if (ours === undefined) return undefined;
  return peer === undefined ? { ours } : { ours, peer };
}

/** Measures the space of some policies and the stalls of some, each in processes of its own. */
export async function measureSpace(
  policies: readonly OurPolicy[],
  stalling: readonly OurPolicy[],
  { quick, output }: GroupContext,
): Promise<SpaceMeasurement> {
  const subjects: readonly SpaceSubject[] = [...policies, PEER];
  const stallSubjects: readonly SpaceSubject[] = quick ? stalling : [...stalling, PEER];
  const spaceJobs = subjects.flatMap((subject) => [
    ...FILLED.map((entries) => spaceJob({ subject, entries, filled: true })),
    spaceJob({ subject, entries: EMPTY, filled: false }),
  ]);
  const spaces = await output.task('space, in processes of their own', spaceJobs.length, (onDone) =>
    runJobs<SpaceInput, SpaceOutput>(spaceJobs, onDone, { atOnce: 2 }),
  );
  const stallJobs = stallSubjects.flatMap((subject) =>
    Array.from({ length: quick ? 1 : 3 }, () => stallJob(subject)),
  );
  const stalls = await output.task('stalls, filling to 4 M entries', stallJobs.length, (onDone) =>
    runJobs<StallInput, StallOutput>(stallJobs, onDone),
  );
  return new Map(
    [...new Set([...subjects, ...stallSubjects])].map((subject) => {
      const outputs = spaces.filter((_, index) => spaceJobs[index]?.input.subject === subject);
      const filled = outputs.filter(({ afterChurn }) => afterChurn !== undefined);
      const empty = outputs.find(({ afterChurn }) => afterChurn === undefined);
      const longest = stalls.filter((_, index) => stallJobs[index]?.input.subject === subject);
      return [
        subject,
        {
          'entry bytes': mean(filled.map(({ bytes }) => bytes)),
          'entry bytes after churn': mean(filled.map(({ afterChurn }) => afterChurn ?? Number.NaN)),
          'empty bytes': (empty?.bytes ?? Number.NaN) / 1000,
          stall: median(longest.map((output) => output.longest)),
        },
      ];
    }),
  );
}

function spaceJob(input: SpaceInput): Job<SpaceInput> {
  const module = new URL('space-worker.js', import.meta.url);
  return { module, input, nodeOptions: ['--expose-gc', '--max-old-space-size=4096'] };
}

function stallJob(subject: SpaceSubject): Job<StallInput> {
  const module = new URL('stall-worker.js', import.meta.url);
  const input = { subject, entries: STALL_ENTRIES };
  return { module, input, nodeOptions: ['--max-old-space-size=6144'] };
}
