import type { Family } from '../../harness/family.ts';
import { runJobs } from '../../harness/job.ts';
import { PairedCosts } from '../../harness/paired-costs.ts';
import { judge, type Target } from '../../harness/target.ts';
import type { Cost } from '../../harness/turns.ts';
import * as names from './names.ts';
import type { ObjectsInput } from './objects-worker.ts';

const FULL = { processes: 8, rounds: { warmUp: 6, counted: 20 } };
const QUICK = { processes: 3, rounds: { warmUp: 3, counted: 8 } };

const { SYNC, FREE, QUEUED, OURS, ARRAY, ARRAY_CONTROL, TARN, TARN_CONTROL } = names;
const PEERS = [names.GENERIC_POOL, TARN, names.LIGHTNING_POOL];

const SYNC_TARGET: Target = {
  id: 'pool-1',
  what: 'object pool, borrow and release',
  peerName: ARRAY,
  unit: 'ns',
  judged: 'ratio',
  bound: 'at most',
  must: 1.3,
  reach: 1.1,
};

function speed(what: string, peerName: string, must: number, reach: number): Target {
  return {
    id: 'pool-2',
    what,
    peerName,
    unit: 'ns',
    judged: 'ratio',
    bound: 'at least',
    must,
    reach,
  };
}

/** What an object costs to take and to give back: pool-1 and pool-2. */
export const objects: Family = async ({ quick, output }) => {
  const { processes, rounds } = quick ? QUICK : FULL;
  const module = new URL('objects-worker.js', import.meta.url);
  const jobs = Array.from({ length: processes }, (_, index) => ({
    module,
    input: { seed: index + 1, rounds } satisfies ObjectsInput,
  }));
  const outputs = await output.task('object pools, in fresh processes', jobs.length, (onDone) =>
    runJobs<ObjectsInput, Cost[]>(jobs, onDone),
  );
  const costs = new PairedCosts(outputs);
  const compared = (workload: string, subject: string, rival: string): string => {
    const ratio = costs.time(workload, subject, rival)?.ratio ?? Number.NaN;
    const spread = costs.spread(workload, rival, subject).map((one) => one.toFixed(2));
    return `${ratio.toFixed(2)} × (${spread.join(' – ')})`;
  };
  output.line(`null control: ${ARRAY} against itself ${compared(SYNC, ARRAY_CONTROL, ARRAY)}`);
  output.line(`null control: tarn against itself ${compared(FREE, TARN_CONTROL, TARN)}`);
  for (const subject of [names.OURS_UNTIMED, names.OURS_WATCHED]) {
    output.line(`${SYNC}: ${subject} against ${ARRAY} ${compared(SYNC, subject, ARRAY)}`);
  }
  for (const workload of [FREE, QUEUED]) {
    const ratio = compared(workload, names.OURS_WATCHED, OURS);
    output.line(`${workload}: ${names.OURS_WATCHED} against ${OURS} ${ratio}`);
  }
  const skipped = { skipped: 'it was not measured' };
  return [
    judge(SYNC_TARGET, costs.time(SYNC, OURS, ARRAY) ?? skipped),
    ...PEERS.map((peer) =>
      judge(speed('acquire, nobody waits', peer, 8, 15), costs.speed(FREE, OURS, peer) ?? skipped),
    ),
    ...PEERS.map((peer) =>
      judge(
        speed('acquire, 64 callers on 10', peer, 5, 7),
        costs.speed(QUEUED, OURS, peer) ?? skipped,
      ),
    ),
  ];
};
