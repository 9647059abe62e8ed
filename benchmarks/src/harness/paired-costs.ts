import { median } from './statistics.ts';
import type { Figure } from './target.ts';
import type { Cost } from './turns.ts';

/** A {@link Figure} that has everything. */
export interface Comparison extends Figure {
  readonly peer: number;
  readonly ratio: number;
}

interface Pair {
  readonly ours: number;
  readonly peer: number;
}

/** What several processes measured, compared only within each of them. */
export class PairedCosts {
  readonly #outputs: readonly (readonly Cost[])[];

  constructor(outputs: readonly (readonly Cost[])[]) {
    this.#outputs = outputs;
  }

  /**
   * How many times as fast as the rival the subject is: the medians over the processes; `undefined` if one
   * of the two was not measured.
   */
  speed(workload: string, subject: string, rival: string): Comparison | undefined {
    return this.across([workload, subject], [workload, rival]);
  }

  /** How many times as long as the rival the subject takes. */
  time(workload: string, subject: string, rival: string): Comparison | undefined {
    const pairs = this.#pairs([workload, subject], [workload, rival]);
    return comparisonOf(pairs, (pair) => 1 / speedOf(pair));
  }

  /** As {@link speed}, of two workloads: each is a workload and its subject. */
  across(ours: readonly [string, string], peer: readonly [string, string]): Comparison | undefined {
    return comparisonOf(this.#pairs(ours, peer), speedOf);
  }

  /** The smallest and the largest ratio of speed in a single process. */
  spread(workload: string, subject: string, rival: string): readonly [number, number] {
    const ratios = this.#pairs([workload, subject], [workload, rival]).map(speedOf);
    return [Math.min(...ratios), Math.max(...ratios)];
  }

  /** The median of a subject's costs; `NaN` if it was not measured. */
  cost(workload: string, subject: string): number {
    return median(this.#outputs.flatMap((output) => costOf(output, workload, subject) ?? []));
  }

  #pairs(ours: readonly [string, string], peer: readonly [string, string]): Pair[] {
    return this.#outputs.flatMap((output) => {
      const pair = { ours: costOf(output, ...ours), peer: costOf(output, ...peer) };
      return pair.ours === undefined || pair.peer === undefined ? [] : [pair as Pair];
    });
  }
}

function speedOf({ ours, peer }: Pair): number {
  return peer / ours;
}

function comparisonOf(
  pairs: readonly Pair[],
  ratioOf: (pair: Pair) => number,
): Comparison | undefined {
  if (pairs.length === 0) return undefined;
  return {
    ours: median(pairs.map(({ ours }) => ours)),
    peer: median(pairs.map(({ peer }) => peer)),
    ratio: median(pairs.map(ratioOf)),
  };
}

function costOf(output: readonly Cost[], workload: string, subject: string): number | undefined {
  return output.find((cost) => cost.workload === workload && cost.subject === subject)?.value;
}
