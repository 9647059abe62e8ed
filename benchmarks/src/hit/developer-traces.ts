import { loopTrace, scanTrace, shiftTrace, zipfTrace, type Trace } from '@perf/traces';

/** A trace of the hit ratio rows, and the capacities at which it is played. */
export interface DeveloperTrace {
  readonly name: string;
  readonly title: string;
  readonly capacities: readonly number[];
  /** Absent for a recorded trace, which lies in the folder of traces. */
  readonly generate?: () => Trace;
}

/** The 8 traces with their 26 cells. */
export const DEVELOPER_TRACES: readonly DeveloperTrace[] = [
  {
    name: 'c2k-web12',
    title: 'requests to product pages (cache2k)',
    capacities: [75, 300, 1200, 3000],
  },
  {
    name: 'c2k-orm-busy',
    title: "a shop's database objects (cache2k)",
    capacities: [1250, 5000, 10_000],
  },
  {
    name: 'arc-OLTP',
    title: 'a transactional database (Megiddo and Modha, FAST 2003)',
    capacities: [500, 1000, 2000, 5000],
  },
  {
    name: 'corda-vault',
    title: 'a ledger service (R3 Corda)',
    capacities: [512, 2048, 8192],
  },
  {
    name: 'syn-loop',
    title: 'mostly a loop over 3,000 keys',
    capacities: [750, 1500, 2500],
    generate: loopTrace,
  },
  {
    name: 'syn-scanmix',
    title: 'steady popularity with long scans',
    capacities: [1000, 5000, 20_000],
    generate: scanTrace,
  },
  {
    name: 'syn-shift',
    title: 'popularity that changes at once, four times',
    capacities: [1000, 5000, 20_000],
    generate: shiftTrace,
  },
  {
    name: 'syn-zipf09',
    title: 'steady popularity, Zipf(0.9)',
    capacities: [1000, 5000, 20_000],
    generate: zipfTrace,
  },
];

/** The name of a recorded trace's file. */
export function fileOf(name: string): string {
  return `${name}.u32.gz`;
}
