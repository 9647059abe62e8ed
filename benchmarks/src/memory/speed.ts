/** Caches that are alive in one process and measured side by side. */
export type Suite = 'plain' | 'ttl' | 'small';

/** What is timed. */
export type Workload =
  | 'getHit'
  | 'setExisting'
  | 'evictingSet'
  | 'readThrough'
  | 'delete'
  | 'stats';

/** The workloads' names for people. */
export const WORKLOAD_TITLES: Record<Workload, string> = {
  getHit: 'get hit',
  setExisting: 'set existing',
  evictingSet: 'evicting set',
  readThrough: 'Zipf(.99) 90:10 read-through',
  delete: 'delete',
  stats: 'stats()',
};

/** Work of one process. */
export interface SpeedInput {
  readonly suite: Suite;
  /** For the order in which caches are created and take turns. */
  readonly seed: number;
  /** How often each cache has its turn in each workload. */
  readonly rounds: number;
}

/** What one cache needed for one workload in one process. */
export interface SpeedFigure {
  readonly subject: string;
  readonly workload: Workload;
  /** Of processor time per operation: the lower quartile of the rounds, the rest being disturbed. */
  readonly nanoseconds: number;
  /** In percent; only of a read-through. */
  readonly hits?: number;
}

/** What one process measured. */
export type SpeedOutput = readonly SpeedFigure[];
