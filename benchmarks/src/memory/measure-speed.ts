import { runJobs, type Job } from '../harness/job.ts';
import { median, shuffled } from '../harness/statistics.ts';
import type { Figure } from '../harness/target.ts';
import type { GroupContext } from '../harness/group.ts';
import { seededRandom } from '@perf/core/testing';
import type { SpeedInput, SpeedOutput, Suite, Workload } from './speed.ts';

const SUITES: readonly Suite[] = ['plain', 'ttl', 'small'];
const FULL = { processes: 9, rounds: 60 };
const QUICK = { processes: 3, rounds: 12 };

/** What all processes measured. */
export class SpeedMeasurement {
  readonly #outputs: ReadonlyMap<Suite, readonly SpeedOutput[]>;

  constructor(outputs: ReadonlyMap<Suite, readonly SpeedOutput[]>) {
    this.#outputs = outputs;
  }

  /** The subject against the rival, as the median over the processes in which both were; `undefined` if in none. */
  compare(suite: Suite, workload: Workload, subject: string, rival: string): Figure | undefined {
    const pairs = (this.#outputs.get(suite) ?? []).flatMap((output) => {
      const find = (name: string): SpeedOutput[number] | undefined =>
        output.find((figure) => figure.subject === name && figure.workload === workload);
      const [ours, peer] = [find(subject), find(rival)];
      return ours === undefined || peer === undefined ? [] : [{ ours, peer }];
    });
    if (pairs.length === 0) return undefined;
    const hits = pairs.map(({ ours, peer }) => ({ ours: ours.hits, peer: peer.hits }));
    const [first] = hits;
    return {
      ours: median(pairs.map(({ ours }) => ours.nanoseconds)),
      peer: median(pairs.map(({ peer }) => peer.nanoseconds)),
      ratio: median(pairs.map(({ ours, peer }) => peer.nanoseconds / ours.nanoseconds)),
      ...(first?.ours === undefined || first.peer === undefined
        ? {}
        : {
            // The least of all processes: no seed may fall short.
            hit: { ours: Math.min(...hits.map(({ ours }) => ours ?? 0)), peer: first.peer },
          }),
    };
  }

  /** The ratios of the single processes, smallest and largest. */
  spread(
    suite: Suite,
    workload: Workload,
    subject: string,
    rival: string,
  ): readonly [smallest: number, largest: number] {
    const ratios = (this.#outputs.get(suite) ?? []).flatMap((output) => {
      const of = (name: string): number | undefined =>
        output.find((figure) => figure.subject === name && figure.workload === workload)
          ?.nanoseconds;
      const [ours, peer] = [of(subject), of(rival)];
      return ours === undefined || peer === undefined ? [] : [peer / ours];
    });
    return [Math.min(...ratios), Math.max(...ratios)];
  }

  /** Who was measured in the workload. */
  subjects(suite: Suite, workload: Workload): readonly string[] {
    const figures = (this.#outputs.get(suite) ?? []).flat();
    return [
      ...new Set(figures.filter((one) => one.workload === workload).map((one) => one.subject)),
    ];
  }
}

/** Runs every suite in fresh processes, one at a time, in random order. */
export async function measureSpeed({ quick, output }: GroupContext): Promise<SpeedMeasurement> {
  const { processes, rounds } = quick ? QUICK : FULL;
  const module = new URL('speed-worker.js', import.meta.url);
  const jobs = SUITES.flatMap((suite) =>
    Array.from({ length: processes }, (_, index): Job<SpeedInput> => ({
      module,
      input: { suite, seed: index + 1, rounds },
    })),
  );
  const inOrder = shuffled(jobs, seededRandom(1));
  const outputs = await output.task('speed, in fresh processes', jobs.length, (onDone) =>
    runJobs<SpeedInput, SpeedOutput>(inOrder, onDone),
  );
  const bySuite = new Map(
    SUITES.map((suite) => [
      suite,
      outputs.filter((_, index) => inOrder[index]?.input.suite === suite),
    ]),
  );
  return new SpeedMeasurement(bySuite);
}
