/** A trace of the hit ratio rows, and the capacities at which it is played. */
export interface DeveloperTrace {
  readonly name: string;
  readonly title: string;
  readonly capacities: readonly number[];
  /** Whether it lies in the folder of traces; the others are generated. */
  readonly recorded: boolean;
}

/** The 8 traces with their 26 cells. */
export const DEVELOPER_TRACES: readonly DeveloperTrace[] = [
  {
    name: 'c2k-web12',
    title: 'requests to product pages (cache2k)',
    capacities: [75, 300, 1200, 3000],
    recorded: true,
  },
  {
    name: 'c2k-orm-busy',
    title: "a shop's database objects (cache2k)",
    capacities: [1250, 5000, 10_000],
    recorded: true,
  },
  {
    name: 'arc-OLTP',
    title: 'a transactional database (Megiddo and Modha, FAST 2003)',
    capacities: [500, 1000, 2000, 5000],
    recorded: true,
  },
  {
    name: 'corda-vault',
    title: 'a ledger service (R3 Corda)',
    capacities: [512, 2048, 8192],
    recorded: true,
  },
  {
    name: 'syn-loop',
    title: 'mostly a loop over 3,000 keys',
    capacities: [750, 1500, 2500],
    recorded: false,
  },
  {
    name: 'syn-scanmix',
    title: 'steady popularity with long scans',
    capacities: [1000, 5000, 20_000],
    recorded: false,
  },
  {
    name: 'syn-shift',
    title: 'popularity that changes at once, four times',
    capacities: [1000, 5000, 20_000],
    recorded: false,
  },
  {
    name: 'syn-zipf09',
    title: 'steady popularity, Zipf(0.9)',
    capacities: [1000, 5000, 20_000],
    recorded: false,
  },
];
