import type { PairedCosts } from '../harness/paired-costs.ts';
import type { Figure, Finding } from '../harness/target.ts';
import * as host from './host-stores/workloads.ts';
import { CACACHE, KEYV, OURS as OUR_STORE, RAW_SQLITE } from './host-stores/names.ts';
import { BARE, OURS } from './local-hits/names.ts';
import { AWAITED, SYNCHRONOUS } from './local-hits/workloads.ts';
import * as redis from './redis-speed/workloads.ts';

/** What was found out for each row, by the name of its finding. */
export type Findings = Readonly<Record<string, Finding>>;

/** Of hits in memory. */
export function localFindings(costs: PairedCosts): Findings {
  const of = (rival: string): Finding => found(costs.speed(AWAITED, OURS.memory, rival), rival);
  return {
    'awaited hit in memory': found(costs.time(AWAITED, OURS.memory, BARE), BARE),
    'the same before Redis and a bus': found(costs.time(AWAITED, OURS.shared, BARE), 'Redis'),
    'awaited hit × bentocache': of('bentocache'),
    'awaited hit × cacheable': of('cacheable'),
    'awaited hit × cache-manager': of('cache-manager'),
    'awaited hit × layered-loader': of('layered-loader'),
    'getLocal hit': found(
      costs.across([SYNCHRONOUS, OURS.memory], [AWAITED, OURS.memory]),
      OURS.memory,
    ),
  };
}

/** Of hits and writes in Redis. */
export function redisFindings(costs: PairedCosts): Findings {
  const { OURS: ours, RAW, SETS, FILLS, CONCURRENCIES, readsBy } = redis;
  const of = (workload: string, subject: string): Finding =>
    found(costs.speed(workload, subject, RAW), subject);
  return {
    ...Object.fromEntries(
      CONCURRENCIES.map((by) => [`Redis hits by ${by}`, of(readsBy(by), ours.alone)]),
    ),
    'Redis set by 256': of(SETS, ours.alone),
    'the same with memory and a bus': of(SETS, ours.tiered),
    'ticketed fill by 256: getOrSet of absent keys': of(FILLS, ours.alone),
    'the same fill with memory and a bus': of(FILLS, ours.tiered),
  };
}

/** Of stores on this host. */
export function hostFindings(costs: PairedCosts): Findings {
  const { sqlite, files } = host.WORKLOADS;
  const of = (workload: string, rival: string): Finding =>
    found(costs.speed(workload, OUR_STORE, rival), rival);
  return {
    'SQLite get of 1 kB': of(sqlite.get, KEYV),
    'SQLite set of 1 kB': of(sqlite.set, KEYV),
    'SQLite get × raw': of(sqlite.get, RAW_SQLITE),
    'SQLite set × raw': of(sqlite.set, RAW_SQLITE),
    'file get of 10 kB': of(files.get, CACACHE),
    'file set of 10 kB': of(files.set, CACACHE),
  };
}

function found(figure: Figure | undefined, missing: string): Finding {
  return figure ?? { skipped: `${missing} was not measured: it is not installed` };
}
