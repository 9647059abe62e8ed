import { judge, type Finding, type ResultRow } from '../harness/target.ts';
import { EXPECTED_COUNTS } from './expected-counts.ts';
import type { Cell, HitRatios } from './hit-ratios.ts';
import {
  CELL_TARGETS,
  EXACT_TARGETS,
  MEAN_TARGET,
  PEER_TARGETS,
  WEIGHTED_TARGET,
  WORST_CELL_TARGET,
} from './targets.ts';

/** Peers are played with one seed. */
export const PEER_SEED = 1;
const OURS = 'adaptive';
const LRU = 'lru-cache';

/**
 * Every row of the group. Ours counts with the worst of its seeds.
 * @param whyMissing says why a policy was not played in all of the cells
 */
export function judgeHits(
  ratios: HitRatios,
  cells: readonly Cell[],
  whyMissing: (policy: string, cells: readonly Cell[]) => string,
): ResultRow[] {
  const skipped = (policy: string, needed: readonly Cell[]): Finding => ({
    skipped: whyMissing(policy, needed),
  });
  const worstMean = (weighted: boolean): number | undefined =>
    worst(ratios.seeds(OURS, weighted), (seed) => ratios.mean(OURS, cells, seed, weighted));

  const meanAgainst = (peer: string, weighted = false): Finding => {
    const ours = worstMean(weighted);
    const theirs = ratios.mean(peer, cells, PEER_SEED, weighted);
    if (ours === undefined) return skipped(OURS, cells);
    return theirs === undefined ? skipped(peer, cells) : { ours, peer: theirs };
  };
  return [
    judge(MEAN_TARGET, oursAlone(worstMean(false), ratios.mean('optimum', cells, PEER_SEED))),
    ...PEER_TARGETS.map((target) => judge(target, meanAgainst(target.peerName))),
    judge(WORST_CELL_TARGET, worstCell()),
    ...CELL_TARGETS.map((target) => {
      const ours = worst(ratios.seeds(OURS), (seed) => ratios.percent(OURS, target.cell, seed));
      const peer = ratios.percent(LRU, target.cell, PEER_SEED);
      return judge(
        target,
        ours === undefined ? skipped(OURS, [target.cell]) : oursAlone(ours, peer),
      );
    }),
    ...EXACT_TARGETS.map((target) => judge(target, exactCells(target.policy))),
    judge(WEIGHTED_TARGET, meanAgainst(LRU, true)),
  ];

  function oursAlone(ours: number | undefined, peer: number | undefined): Finding {
    if (ours === undefined) return skipped(OURS, cells);
    return peer === undefined ? { ours } : { ours, peer };
  }

  function worstCell(): Finding {
    let found: { ours: number; peer: number } | undefined;
    for (const cell of cells) {
      const ours = worst(ratios.seeds(OURS), (seed) => ratios.percent(OURS, cell, seed));
      const peer = ratios.percent(LRU, cell, PEER_SEED);
      if (ours === undefined) return skipped(OURS, cells);
      if (peer === undefined) return skipped(LRU, cells);
      if (found === undefined || ours - peer < found.ours - found.peer) found = { ours, peer };
    }
    return found ?? skipped(OURS, cells);
  }

  function exactCells(policy: (typeof EXACT_TARGETS)[number]['policy']): Finding {
    const counts = EXPECTED_COUNTS.map((expected) => ({
      ours: ratios.hits(policy, expected, PEER_SEED),
      expected: expected.hits[policy],
    }));
    if (counts.some(({ ours }) => ours === undefined)) return skipped(policy, EXPECTED_COUNTS);
    return {
      ours: counts.filter(({ ours, expected }) => ours === expected).length,
      peer: counts.length,
    };
  }
}

/** The least over the seeds; `undefined` if there are none or one of them has none. */
function worst(
  seeds: readonly number[],
  of: (seed: number) => number | undefined,
): number | undefined {
  const values = seeds.map(of).filter((value) => value !== undefined);
  return seeds.length === 0 || values.length < seeds.length ? undefined : Math.min(...values);
}
