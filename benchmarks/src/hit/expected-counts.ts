import type { Policy } from './policy-names.ts';

/** Hits that follow from a policy's definition, found by another implementation. */
export interface ExpectedCount {
  readonly trace: string;
  readonly capacity: number;
  readonly hits: Readonly<Record<'fifo' | 'lru' | 'sieve' | 'optimum', number>>;
}

/** The policies that have to have exactly these. */
export const EXACT_POLICIES = ['lru', 'fifo', 'sieve'] as const satisfies readonly Policy[];

function expected(
  trace: string,
  capacity: number,
  [optimum, fifo, lru, sieve]: readonly [number, number, number, number],
): ExpectedCount {
  return { trace, capacity, hits: { optimum, fifo, lru, sieve } };
}

/** In ten of the cells. */
export const EXPECTED_COUNTS: readonly ExpectedCount[] = [
  expected('c2k-web12', 300, [63_909, 44_075, 46_860, 49_558]),
  expected('c2k-web12', 1200, [75_645, 60_192, 63_917, 67_096]),
  expected('c2k-orm-busy', 5000, [4_569_896, 4_214_417, 4_273_062, 4_276_060]),
  expected('arc-OLTP', 1000, [490_155, 260_805, 300_122, 297_626]),
  expected('arc-OLTP', 2000, [552_177, 342_227, 388_235, 376_497]),
  expected('corda-vault', 512, [45_234, 45_234, 45_234, 510]),
  expected('syn-loop', 1500, [125_799, 18_368, 21_341, 36_779]),
  expected('syn-scanmix', 5000, [626_263, 478_717, 502_120, 566_513]),
  expected('syn-shift', 5000, [770_818, 609_471, 646_644, 623_521]),
  expected('syn-zipf09', 5000, [631_398, 412_771, 450_456, 531_964]),
];
