import type { Family } from '../../harness/family.ts';
import { runJobs } from '../../harness/job.ts';
import { PairedCosts } from '../../harness/paired-costs.ts';
import { judge, type Finding, type Target } from '../../harness/target.ts';
import type { Cost } from '../../harness/turns.ts';
import type { CountingInput } from './counting-worker.ts';
import * as names from './names.ts';

const FULL = { processes: 8, rounds: { warmUp: 6, counted: 20 } };
const QUICK = { processes: 3, rounds: { warmUp: 4, counted: 8 } };

const { BOUND, LABELLED, OBSERVE, OBSERVE_LABELLED, OURS, PROM_CLIENT, CONTROL } = names;

interface Row {
  readonly target: Target;
  find(costs: PairedCosts, bytes: Readonly<Record<string, number>>): Finding | undefined;
}

/** How many times as fast as the rival: at least. */
function speed(
  id: string,
  workload: string,
  rival: string,
  [must, reach]: readonly [must: number, reach: number],
): Row {
  return {
    target: {
      id,
      what: workload,
      peerName: rival,
      unit: 'ns',
      judged: 'ratio',
      bound: 'at least',
      must,
      reach,
    },
    find: (costs) => costs.speed(workload, OURS, rival),
  };
}

/** A figure of ours: at most. */
function figure(
  id: string,
  what: string,
  unit: string,
  [must, reach]: readonly [must: number, reach: number],
  ours: (costs: PairedCosts, bytes: Readonly<Record<string, number>>) => number,
): Row {
  return {
    target: { id, what, peerName: '', unit, judged: 'ours', bound: 'at most', must, reach },
    find: (costs, bytes) => ({ ours: ours(costs, bytes) }),
  };
}

const ROWS: readonly Row[] = [
  speed('met-1', BOUND, PROM_CLIENT, [20, 100]),
  speed('met-1', LABELLED, PROM_CLIENT, [8, 12]),
  figure('met-1', 'bound counter', 'bytes', [0, 0], (_, bytes) => bytes[BOUND] ?? Number.NaN),
  speed('met-2', OBSERVE, PROM_CLIENT, [20, 50]),
  figure('met-2', 'exponential record', 'ns', [25, 10], (costs) => costs.cost(OBSERVE, OURS)),
  figure(
    'met-2',
    'exponential record',
    'bytes',
    [0, 0],
    (_, bytes) => bytes[OBSERVE] ?? Number.NaN,
  ),
];

/** How peers do beside, for the reader: no targets. */
const PEERS: readonly (readonly [workload: string, subject: string])[] = [
  [LABELLED, names.OPENTELEMETRY],
  [OBSERVE, names.OPENTELEMETRY],
  [OBSERVE, names.HDR],
  [OBSERVE_LABELLED, PROM_CLIENT],
];

/** What it costs to count and to observe: met-1 and met-2. */
export const counting: Family = async ({ quick, output }) => {
  const { processes, rounds } = quick ? QUICK : FULL;
  const jobs = Array.from({ length: processes }, (_, index) => ({
    module: new URL('counting-worker.js', import.meta.url),
    input: { seed: index + 1, rounds } satisfies CountingInput,
  }));
  const outputs = await output.task('counting, in fresh processes', jobs.length, (onDone) =>
    runJobs<CountingInput, Cost[]>(jobs, onDone),
  );
  const space = {
    module: new URL('space-worker.js', import.meta.url),
    input: undefined,
    nodeOptions: ['--expose-gc'],
  };
  const [bytes = {}] = await runJobs<undefined, Record<string, number>>([space], () => undefined);
  const costs = new PairedCosts(outputs);
  const control = costs.speed(LABELLED, CONTROL, PROM_CLIENT)?.ratio ?? Number.NaN;
  const spread = costs.spread(LABELLED, CONTROL, PROM_CLIENT).map((ratio) => ratio.toFixed(2));
  output.line(
    `null control: prom-client against itself ${control.toFixed(2)} × (${spread.join(' – ')})`,
  );
  for (const [workload, rival] of PEERS) {
    const { ours, peer, ratio } = costs.speed(workload, OURS, rival) ?? {
      ours: Number.NaN,
      peer: Number.NaN,
      ratio: Number.NaN,
    };
    output.line(
      `${workload}: ${ours.toFixed(1)} ns, ${rival} ${peer.toFixed(1)} ns (${ratio.toFixed(1)} ×)`,
    );
  }
  return ROWS.map((row) =>
    judge(row.target, row.find(costs, bytes) ?? { skipped: `${row.target.what} was not measured` }),
  );
};
