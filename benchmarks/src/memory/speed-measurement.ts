import { median } from '../harness/statistics.ts';
import type { Figure } from '../harness/target.ts';
import type { SpeedFigure, SpeedOutput, Suite, Workload } from './speed.ts';

interface Pair {
  readonly ours: SpeedFigure;
  readonly peer: SpeedFigure;
}

/** What all processes measured. */
export class SpeedMeasurement {
  readonly #outputs: ReadonlyMap<Suite, readonly SpeedOutput[]>;

  constructor(outputs: ReadonlyMap<Suite, readonly SpeedOutput[]>) {
    this.#outputs = outputs;
  }

  /**
   * The subject against the rival.
   * @returns the medians over the processes, and the least hit ratio of all: no seed may fall short;
   * `undefined` if one of the two was not measured
   */
  compare(suite: Suite, workload: Workload, subject: string, rival: string): Figure | undefined {
    const pairs = this.#pairs(suite, workload, subject, rival);
    if (pairs.length === 0) return undefined;
    const ours = pairs.map((pair) => pair.ours);
    const peer = pairs.map((pair) => pair.peer);
    const figure = {
      ours: median(ours.map(({ nanoseconds }) => nanoseconds)),
      peer: median(peer.map(({ nanoseconds }) => nanoseconds)),
      ratio: median(pairs.map(ratioOf)),
    };
    const [ourHits, peerHits] = [leastHits(ours), leastHits(peer)];
    return ourHits === undefined || peerHits === undefined
      ? figure
      : { ...figure, hit: { ours: ourHits, peer: peerHits } };
  }

  /** The smallest and the largest ratio in a single process. */
  spread(
    suite: Suite,
    workload: Workload,
    subject: string,
    rival: string,
  ): readonly [smallest: number, largest: number] {
    const ratios = this.#pairs(suite, workload, subject, rival).map(ratioOf);
    return [Math.min(...ratios), Math.max(...ratios)];
  }

  /** Who was measured in the workload. */
  subjects(suite: Suite, workload: Workload): readonly string[] {
    const figures = (this.#outputs.get(suite) ?? []).flat();
    const names = figures.filter((one) => one.workload === workload).map((one) => one.subject);
    return [...new Set(names)];
  }

  /** Only what was measured in one process is compared. */
  #pairs(suite: Suite, workload: Workload, subject: string, rival: string): Pair[] {
    return (this.#outputs.get(suite) ?? []).flatMap((output) => {
      const of = (name: string): SpeedFigure | undefined =>
        output.find((figure) => figure.subject === name && figure.workload === workload);
      const [ours, peer] = [of(subject), of(rival)];
      return ours === undefined || peer === undefined ? [] : [{ ours, peer }];
    });
  }
}

function ratioOf({ ours, peer }: Pair): number {
  return peer.nanoseconds / ours.nanoseconds;
}

function leastHits(figures: readonly SpeedFigure[]): number | undefined {
  const hits = figures.map((figure) => figure.hits).filter((percent) => percent !== undefined);
  return hits.length === 0 ? undefined : Math.min(...hits);
}
