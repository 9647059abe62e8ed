import { runJobs } from '../../harness/job.ts';
import { PairedCosts } from '../../harness/paired-costs.ts';
import { judge, type Finding, type Target } from '../../harness/target.ts';
import type { Cost } from '../../harness/turns.ts';
import type { Family } from '../../harness/family.ts';
import * as names from './names.ts';
import type { PoliciesInput } from './policies-worker.ts';

const FULL = { processes: 8, rounds: { warmUp: 6, counted: 20 } };
const QUICK = { processes: 3, rounds: { warmUp: 3, counted: 8 } };

interface Row {
  readonly target: Target;
  find(costs: PairedCosts, bytes: number): Finding | undefined;
}

/** How many times as long as the bare call, or as a peer, a call takes: at most. */
function time(
  id: string,
  what: string,
  workload: string,
  subject: string,
  bars: readonly [must: number, reach: number],
  rival: string = names.BARE,
): Row {
  const [must, reach] = bars;
  const target: Target = {
    id,
    what,
    peerName: rival,
    unit: 'ns',
    judged: 'ratio',
    bound: 'at most',
    must,
    reach,
  };
  return { target, find: (costs) => costs.time(workload, subject, rival) };
}

/** How many times as fast as a peer a call is: at least. */
function speed(
  id: string,
  what: string,
  workload: string,
  rival: string,
  bars: readonly [must: number, reach: number],
): Row {
  const row = time(id, what, workload, names.OURS, bars, rival);
  return {
    target: { ...row.target, bound: 'at least' },
    find: (costs) => costs.speed(workload, names.OURS, rival),
  };
}

/** Nanoseconds or bytes: at most. */
function figure(
  id: string,
  what: string,
  unit: string,
  bars: readonly [must: number, reach: number],
  ours: (costs: PairedCosts, bytes: number) => number,
): Row {
  const [must, reach] = bars;
  return {
    target: { id, what, peerName: '', unit, judged: 'ours', bound: 'at most', must, reach },
    find: (costs, bytes) => ({ ours: ours(costs, bytes) }),
  };
}

const { BREAKER, FAILING, REFUSED, RETRY, TIMEOUT, FREE, QUEUED, PIPELINE, OURS } = names;

const ROWS: readonly Row[] = [
  time('res-1', 'circuit breaker', BREAKER, OURS, [2.8, 2.2]),
  time('res-1', 'circuit breaker', BREAKER, OURS, [0.6, 0.45], names.COCKATIEL),
  figure('res-1', 'circuit breaker, a call', 'bytes', [400, 360], (_, bytes) => bytes),
  time('res-2', 'circuit breaker, inline', BREAKER, names.INLINE, [1.4, 1.1]),
  figure(
    'res-3',
    'failing call, 100,000 in the window',
    'ns',
    [2000, 1000],
    (costs) => costs.cost(FAILING, OURS) - costs.cost(FAILING, names.BARE),
  ),
  speed('res-4', 'refusal of an open breaker', REFUSED, names.COCKATIEL, [5, 6]),
  speed('res-4', 'refusal of an open breaker', REFUSED, names.OPOSSUM, [5, 6]),
  time('res-5', 'retry, success at once', RETRY, OURS, [2.5, 1.8]),
  figure('res-5', 'timeout that never fires', 'ns', [700, 350], (costs) =>
    costs.cost(TIMEOUT, OURS),
  ),
  time('res-6', 'bulkhead, free', FREE, OURS, [2.3, 1.5]),
  time('res-6', 'bulkhead, 500 waiting', QUEUED, OURS, [5, 4]),
  time('res-7', 'retry + breaker + bulkhead', PIPELINE, OURS, [5, 3.6]),
  time('res-7', 'the same in a timeout', PIPELINE, names.WITH_TIMEOUT, [20, 12]),
];

/** How peers do what they do, for the reader: no targets. */
const PEERS: readonly (readonly [workload: string, subjects: readonly string[]])[] = [
  [BREAKER, [names.COCKATIEL, names.OPOSSUM]],
  [RETRY, [names.COCKATIEL, names.P_RETRY]],
  [TIMEOUT, [names.COCKATIEL]],
  [FREE, [names.COCKATIEL, names.P_LIMIT, names.P_QUEUE]],
  [QUEUED, [names.COCKATIEL, names.P_LIMIT, names.P_QUEUE]],
  [PIPELINE, [names.COCKATIEL, names.COCKATIEL_WITH_TIMEOUT]],
];

/** What a call under a policy costs, above the bare call: res-1 to res-7. */
export const policies: Family = async ({ quick, output }) => {
  const { processes, rounds } = quick ? QUICK : FULL;
  const module = new URL('policies-worker.js', import.meta.url);
  const jobs = Array.from({ length: processes }, (_, index) => ({
    module,
    input: { seed: index + 1, rounds } satisfies PoliciesInput,
  }));
  const outputs = await output.task('policies, in fresh processes', jobs.length, (onDone) =>
    runJobs<PoliciesInput, Cost[]>(jobs, onDone),
  );
  const [bytes = Number.NaN] = await runJobs<undefined, number>(
    [
      {
        module: new URL('space-worker.js', import.meta.url),
        input: undefined,
        nodeOptions: ['--expose-gc'],
      },
    ],
    () => undefined,
  );
  const costs = new PairedCosts(outputs);
  const control = costs.speed(BREAKER, names.CONTROL, names.BARE)?.ratio ?? Number.NaN;
  const spread = costs.spread(BREAKER, names.CONTROL, names.BARE).map((ratio) => ratio.toFixed(2));
  output.line(
    `null control: the bare call against itself ${control.toFixed(2)} × (${spread.join(' – ')})`,
  );
  for (const [workload, subjects] of PEERS) {
    const times = subjects.map((subject) => {
      const ratio = costs.time(workload, subject, names.BARE)?.ratio ?? Number.NaN;
      return `${subject} ${ratio.toFixed(1)} ×`;
    });
    output.line(`${workload}, against the bare call: ${times.join(', ')}`);
  }
  return ROWS.map((row) =>
    judge(row.target, row.find(costs, bytes) ?? { skipped: `${row.target.what} was not measured` }),
  );
};
