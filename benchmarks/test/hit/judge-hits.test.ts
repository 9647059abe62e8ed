import { expect, test } from 'vitest';
import { DEVELOPER_TRACES } from '../../src/hit/developer-traces.ts';
import { EXACT_POLICIES, EXPECTED_COUNTS } from '../../src/hit/expected-counts.ts';
import { cellsOf, HitRatios, type Played } from '../../src/hit/hit-ratios.ts';
import { judgeHits } from '../../src/hit/judge-hits.ts';
import type { ResultRow } from '../../src/harness/target.ts';

const cells = cellsOf(DEVELOPER_TRACES);
const NONE: Readonly<Record<string, number>> = {};

/** One policy in all cells, with the same hit ratio in each but those given. */
function everywhere(
  policy: string,
  percent: number,
  { seed = 1, weighted = false, except = NONE } = {},
): Played[] {
  return DEVELOPER_TRACES.map(({ name, capacities }) => ({
    trace: name,
    policy,
    seed,
    weighted,
    capacities,
    hits: capacities.map((capacity) => except[`${name}@${capacity}`] ?? percent),
    accesses: 100,
  }));
}

function rowsOf(played: readonly Played[]): ResultRow[] {
  return judgeHits(new HitRatios(played), cells, (policy) => `no ${policy}`);
}

function find(rows: readonly ResultRow[], id: string, what = ''): ResultRow | undefined {
  return rows.find((row) => row.id === id && (row.what + row.peerName).includes(what));
}

const ALL = [
  ...everywhere('adaptive', 56),
  ...everywhere('adaptive', 55, { seed: 2, except: { 'syn-loop@750': 40 } }),
  ...everywhere('lru-cache', 45),
  ...everywhere('transitory', 53),
  ...everywhere('optimum', 60),
  ...everywhere('adaptive', 50, { weighted: true }),
  ...everywhere('adaptive', 49, { weighted: true, seed: 2 }),
  ...everywhere('lru-cache', 45, { weighted: true }),
];

test('there are 26 cells', () => {
  expect(cells).toHaveLength(26);
});

test('ours counts with the worst of its seeds', () => {
  const rows = rowsOf(ALL);
  const worst = (55 * 25 + 40) / 26;
  expect(find(rows, 'hit-1')?.value).toBeCloseTo(worst);
  expect(find(rows, 'hit-2', 'lru-cache')?.value).toBeCloseTo(worst - 45);
  expect(find(rows, 'hit-2', 'transitory')).toMatchObject({ pass: false, peer: 53 });
  expect(find(rows, 'hit-3')).toMatchObject({ ours: 40, peer: 45, value: -5, pass: false });
  expect(find(rows, 'hit-4', 'syn-shift@5000')).toMatchObject({ ours: 55, peer: 45, pass: false });
  expect(find(rows, 'hit-6')).toMatchObject({ ours: 49, peer: 45, pass: true });
});

test('without one trace every mean is skipped, and cells of the others are judged', () => {
  const rows = rowsOf(ALL.filter(({ trace }) => trace !== 'corda-vault'));
  for (const id of ['hit-1', 'hit-2', 'hit-3', 'hit-6']) {
    expect(find(rows, id)).toMatchObject({ pass: null, skipped: 'no adaptive' });
  }
  expect(find(rows, 'hit-4', 'corda')).toMatchObject({ pass: null });
  expect(find(rows, 'hit-4', 'syn-loop')).toMatchObject({ pass: true, ours: 55 });
});

test('a peer that is missing skips what is held against it, and nothing else', () => {
  const rows = rowsOf(ALL.filter(({ policy }) => policy !== 'transitory'));
  expect(find(rows, 'hit-2', 'transitory')).toMatchObject({ pass: null, skipped: 'no transitory' });
  expect(find(rows, 'hit-2', 'lru-cache')?.pass).toBe(true);
});

test('one hit more or less than exactly is too many or too few', () => {
  const exact = EXACT_POLICIES.flatMap((policy) =>
    EXPECTED_COUNTS.map(({ trace, capacity, hits }) => ({
      trace,
      policy,
      seed: 1,
      weighted: false,
      capacities: [capacity],
      hits: [policy === 'fifo' && trace === 'syn-loop' ? hits.fifo + 1 : hits[policy]],
      accesses: 10_000_000,
    })),
  );
  const rows = rowsOf(exact);
  expect(find(rows, 'hit-5', 'lru')).toMatchObject({ ours: 10, pass: true });
  expect(find(rows, 'hit-5', 'fifo')).toMatchObject({ ours: 9, pass: false });
  const partly = rowsOf(exact.filter(({ trace }) => trace !== 'arc-OLTP'));
  expect(find(partly, 'hit-5', 'sieve')).toMatchObject({ pass: null, skipped: 'no sieve' });
});
