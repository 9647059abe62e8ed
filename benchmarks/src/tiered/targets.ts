import type { Target } from '../harness/target.ts';
import { CONCURRENCIES } from './redis-speed/workloads.ts';

/** A row of the group. */
export interface TieredTarget extends Target {
  /** Names its finding. */
  readonly finding: string;
}

type Bars = readonly [must: number, reach: number];

function row(
  id: string,
  finding: string,
  [must, reach]: Bars,
  rest: Pick<Target, 'peerName' | 'unit' | 'judged' | 'bound'>,
): TieredTarget {
  return { id, what: finding, finding, must, reach, ...rest };
}

/** How many times as fast as the peer. */
function speed(
  id: string,
  finding: string,
  peerName: string,
  unit: string,
  bars: Bars,
): TieredTarget {
  return row(id, finding, bars, { peerName, unit, judged: 'ratio', bound: 'at least' });
}

/** How many times as long as the peer. */
function time(
  id: string,
  finding: string,
  peerName: string,
  unit: string,
  bars: Bars,
): TieredTarget {
  return row(id, finding, bars, { peerName, unit, judged: 'ratio', bound: 'at most' });
}

function most(id: string, finding: string, unit: string, bars: Bars, peerName = ''): TieredTarget {
  return row(id, finding, bars, { peerName, unit, judged: 'ours', bound: 'at most' });
}

function least(id: string, finding: string, unit: string, bars: Bars): TieredTarget {
  return row(id, finding, bars, { peerName: '', unit, judged: 'ours', bound: 'at least' });
}

const READ_BARS: Readonly<Record<(typeof CONCURRENCIES)[number], Bars>> = {
  1: [0.8, 1],
  32: [1.8, 2.5],
  256: [2, 3],
};
/** The most loads at once that a cache lets through by default. */
const LOAD_CONCURRENCY = 64;
const TIMERS = 'late timers meanwhile';

/** Rows tier-1 to tier-13. */
export const TIERED_TARGETS: readonly TieredTarget[] = [
  time('tier-1', 'awaited hit in memory', 'bare async Map.get', 'ns', [1.3, 1.1]),
  time('tier-1', 'the same before Redis and a bus', 'bare async Map.get', 'ns', [1.3, 1.1]),
  speed('tier-2', 'awaited hit × bentocache', 'bentocache', 'ns', [40, 60]),
  speed('tier-2', 'awaited hit × cacheable', 'cacheable', 'ns', [40, 60]),
  speed('tier-2', 'awaited hit × cache-manager', 'cache-manager', 'ns', [40, 60]),
  speed('tier-2', 'awaited hit × layered-loader', 'layered-loader', 'ns', [1, 1.2]),
  speed('tier-3', 'getLocal hit', 'awaited hit', 'ns', [2, 3]),
  ...CONCURRENCIES.map((concurrency) =>
    speed('tier-4', `Redis hits by ${concurrency}`, 'ioredis', 'µs', READ_BARS[concurrency]),
  ),
  speed('tier-5', 'Redis set by 256', 'ioredis set', 'µs', [0.9, 1.2]),
  speed('tier-5', 'the same with memory and a bus', 'ioredis set', 'µs', [0.9, 1.2]),
  speed('tier-5', 'ticketed fill by 256: getOrSet of absent keys', 'ioredis set', 'µs', [0.5, 0.8]),
  speed('tier-5', 'the same fill with memory and a bus', 'ioredis set', 'µs', [0.5, 0.8]),
  most('tier-6', 'loads for 1,000 callers in one process', 'loads', [1, 1]),
  most('tier-6', 'loads for 1,000 callers in 8 processes', 'loads', [1, 1]),
  most('tier-7', 'loads for 100 callers of a failing loader', 'loads', [1, 1]),
  least('tier-7', 'rejections of 100 such callers', 'rejections', [100, 100]),
  most('tier-8', 'p99 until a delete holds everywhere', 'ms', [50, 10]),
  most('tier-8', 'p99 until a tag invalidation holds everywhere', 'ms', [50, 10]),
  most('tier-8', 'old values after a bus cut of 5 s', 'values', [0, 0]),
  most('tier-8', 'old values after a black hole of the bus of 5 s', 'values', [0, 0]),
  most(
    'tier-8',
    'old values in contact again after a black hole of everything of 5 s',
    'values',
    [0, 0],
  ),
  most('tier-9', 'Redis frozen: cold read beyond timeout and loader', 'ms', [20, 5], TIMERS),
  most('tier-9', 'the same beyond the loader, gate open', 'ms', [3, 1], TIMERS),
  speed('tier-10', 'SQLite get of 1 kB', '@keyv/sqlite', 'µs', [7, 12]),
  speed('tier-10', 'SQLite set of 1 kB', '@keyv/sqlite', 'µs', [10, 18]),
  speed('tier-10', 'SQLite get × raw', 'better-sqlite3', 'µs', [0.5, 0.75]),
  speed('tier-10', 'SQLite set × raw', 'better-sqlite3', 'µs', [0.5, 0.75]),
  speed('tier-11', 'file get of 10 kB', 'cacache', 'µs', [2.3, 3]),
  speed('tier-11', 'file set of 10 kB', 'cacache', 'µs', [2.8, 3.8]),
  most('tier-12', 'longest turn while another holds SQLite’s lock', 'ms', [50, 10], 'no lock'),
  most('tier-13', 'loads at once after a bus gap', 'loads', [LOAD_CONCURRENCY, LOAD_CONCURRENCY]),
  most('tier-13', 'loads at once after the loss of Redis', 'loads', [
    LOAD_CONCURRENCY,
    LOAD_CONCURRENCY,
  ]),
  most('tier-13', 'loads at once when Redis is back empty', 'loads', [
    LOAD_CONCURRENCY,
    LOAD_CONCURRENCY,
  ]),
];
