import type { Target } from '../harness/target.ts';
import type { OurPolicy } from '../caches/our-policies.ts';
import { WORKLOAD_TITLES, type Suite, type Workload } from './speed.ts';

/** A row on the speed of an operation. */
export interface SpeedTarget extends Target {
  readonly suite: Suite;
  readonly workload: Workload;
  /** The names of what is compared, as the suite has them. */
  readonly subject: string;
  readonly rival: string;
}

/** A row on a figure of one policy. */
export interface PolicyTarget extends Target {
  readonly policy: OurPolicy;
  readonly figure: 'entry bytes' | 'entry bytes after churn' | 'empty bytes' | 'stall';
}

type Bars = Partial<Record<Workload, readonly [must: number, reach: number]>>;

const LRU_CACHE = 'lru-cache';

function speedTargets(
  id: string,
  suite: Suite,
  policy: OurPolicy,
  bars: Bars,
  options: { readonly rival?: string; readonly mustHit?: number; readonly title?: string } = {},
): SpeedTarget[] {
  const { rival = LRU_CACHE, mustHit, title = policy } = options;
  return Object.entries(bars).map(([name, [must, reach]]) => {
    const workload = name as Workload;
    return {
      id,
      what: `${title}: ${WORKLOAD_TITLES[workload]}`,
      peerName: rival,
      unit: 'ns',
      judged: 'ratio',
      bound: 'at least',
      must,
      reach,
      suite,
      workload,
      subject: policy,
      rival,
      ...(workload === 'readThrough' && mustHit !== undefined ? { mustHit } : {}),
    };
  });
}

/** Rows mem-1 to mem-5 and mem-9. */
export const SPEED_TARGETS: readonly SpeedTarget[] = [
  ...speedTargets('mem-1', 'plain', 'lru', {
    getHit: [1.05, 1.25],
    setExisting: [1.2, 1.45],
    evictingSet: [1.1, 1.2],
    readThrough: [1.1, 1.2],
  }),
  ...speedTargets(
    'mem-2',
    'ttl',
    'lru',
    { setExisting: [1.5, 1.8], evictingSet: [1.4, 1.5], readThrough: [1.4, 1.5] },
    { title: 'lru, TTL' },
  ),
  ...speedTargets(
    'mem-3',
    'plain',
    'lru',
    {
      getHit: [0.95, 1.05],
      setExisting: [0.9, 1.05],
      evictingSet: [0.9, 1.05],
      readThrough: [0.95, 1.05],
    },
    { rival: 'mnemonist LRUMap' },
  ),
  ...speedTargets(
    'mem-4',
    'plain',
    'adaptive',
    {
      getHit: [1.1, 1.25],
      setExisting: [1.05, 1.25],
      evictingSet: [0.6, 0.8],
      readThrough: [1.0, 1.2],
    },
    { mustHit: 80 },
  ),
  ...speedTargets(
    'mem-4t',
    'ttl',
    'adaptive',
    {
      getHit: [1.2, 1.4],
      setExisting: [1.6, 1.8],
      evictingSet: [0.75, 0.95],
      readThrough: [1.15, 1.4],
    },
    { mustHit: 80, title: 'adaptive, TTL' },
  ),
  ...speedTargets(
    'mem-4s',
    'small',
    'adaptive',
    { readThrough: [0.85, 1.0] },
    { mustHit: 59, title: 'adaptive, capacity 1,000' },
  ),
  ...speedTargets('mem-5', 'plain', 'sieve', { readThrough: [1.35, 1.5] }),
  ...speedTargets('mem-5', 'plain', 's3fifo', { readThrough: [1.1, 1.2] }),
  ...(['lru', 'adaptive'] as const).flatMap((policy) => [
    ...speedTargets('mem-9', 'plain', policy, { delete: [1, 1.2] }),
    ...speedTargets('mem-9', 'plain', policy, { stats: [0.2, 0.5] }, { rival: 'object literal' }),
  ]),
];

function policyTarget(
  id: string,
  policy: OurPolicy,
  figure: PolicyTarget['figure'],
  unit: string,
  [must, reach]: readonly [must: number, reach: number],
): PolicyTarget {
  return {
    id,
    what: `${policy}: ${FIGURE_TITLES[figure]}`,
    peerName: LRU_CACHE,
    unit,
    judged: 'ours',
    bound: 'at most',
    must,
    reach,
    policy,
    figure,
  };
}

const FIGURE_TITLES: Record<PolicyTarget['figure'], string> = {
  'entry bytes': 'bytes per entry',
  'entry bytes after churn': 'the same after churn',
  'empty bytes': 'empty, bounded at 1 M entries',
  stall: 'longest stall, filling to 4 M entries',
};

/** Rows mem-6 to mem-8. */
export const POLICY_TARGETS: readonly PolicyTarget[] = [
  policyTarget('mem-6', 'lru', 'entry bytes', 'B', [66, 58]),
  policyTarget('mem-6', 'adaptive', 'entry bytes', 'B', [70, 60]),
  policyTarget('mem-6', 'lru', 'entry bytes after churn', 'B', [105, 90]),
  policyTarget('mem-6', 'adaptive', 'entry bytes after churn', 'B', [105, 90]),
  policyTarget('mem-7', 'lru', 'empty bytes', 'kB', [64, 20]),
  policyTarget('mem-7', 'adaptive', 'empty bytes', 'kB', [64, 20]),
  policyTarget('mem-8', 'lru', 'stall', 'ms', [20, 5]),
  policyTarget('mem-8', 'adaptive', 'stall', 'ms', [20, 5]),
  policyTarget('mem-8', 'sieve', 'stall', 'ms', [20, 5]),
  policyTarget('mem-8', 's3fifo', 'stall', 'ms', [20, 5]),
];
