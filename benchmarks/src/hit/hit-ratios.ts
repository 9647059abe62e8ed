import type { DeveloperTrace } from './developer-traces.ts';

/** What was played. */
export interface Played {
  readonly trace: string;
  readonly policy: string;
  readonly seed: number;
  readonly weighted: boolean;
  readonly capacities: readonly number[];
  readonly hits: readonly number[];
  readonly accesses: number;
}

/** A trace at a capacity. */
export interface Cell {
  readonly trace: string;
  readonly capacity: number;
}

/** Every cell of the traces, in their order. */
export function cellsOf(traces: readonly DeveloperTrace[]): Cell[] {
  return traces.flatMap(({ name, capacities }) =>
    capacities.map((capacity) => ({ trace: name, capacity })),
  );
}

/** Hit ratios of policies, looked up by cell. */
export class HitRatios {
  readonly #played: readonly Played[];

  constructor(played: readonly Played[]) {
    this.#played = played;
  }

  /** The seeds with which the policy was played. */
  seeds(policy: string, weighted = false): readonly number[] {
    const runs = this.#played.filter((run) => run.policy === policy && run.weighted === weighted);
    return [...new Set(runs.map(({ seed }) => seed))];
  }

  /** `undefined` if it was not played there. */
  hits(policy: string, cell: Cell, seed: number, weighted = false): number | undefined {
    return this.#find(policy, cell, seed, weighted)?.hits;
  }

  /** In percent; `undefined` if it was not played there. */
  percent(policy: string, cell: Cell, seed: number, weighted = false): number | undefined {
    const found = this.#find(policy, cell, seed, weighted);
    return found === undefined ? undefined : (found.hits * 100) / found.accesses;
  }

  /**
   * The mean over the cells, in percent.
   * @returns `undefined` if it was not played in all of them: no mean is taken over less
   */
  mean(policy: string, cells: readonly Cell[], seed: number, weighted = false): number | undefined {
    let sum = 0;
    for (const cell of cells) {
      const percent = this.percent(policy, cell, seed, weighted);
      if (percent === undefined) return undefined;
      sum += percent;
    }
    return sum / cells.length;
  }

  #find(
    policy: string,
    { trace, capacity }: Cell,
    seed: number,
    weighted: boolean,
  ): { readonly hits: number; readonly accesses: number } | undefined {
    for (const run of this.#played) {
      if (run.policy !== policy || run.trace !== trace) continue;
      if (run.seed !== seed || run.weighted !== weighted) continue;
      const hits = run.hits[run.capacities.indexOf(capacity)];
      if (hits !== undefined) return { hits, accesses: run.accesses };
    }
    return undefined;
  }
}
