import type { GroupContext } from '../../harness/group.ts';
import { runJobs } from '../../harness/job.ts';
import { PairedCosts } from '../../harness/paired-costs.ts';
import type { Cost } from '../../harness/turns.ts';
import type { HostStoresInput } from './host-stores-worker.ts';
import type { HostKind } from './workloads.ts';

const FULL = { processes: 8, rounds: { warmUp: 1, counted: 6 } };
const QUICK = { processes: 2, rounds: { warmUp: 1, counted: 2 } };

/** What operations of stores on this host cost, in microseconds. */
export async function measureHostStores(
  kinds: readonly HostKind[],
  { quick, output }: GroupContext,
): Promise<PairedCosts> {
  const { processes, rounds } = quick ? QUICK : FULL;
  const module = new URL('host-stores-worker.js', import.meta.url);
  const jobs = Array.from({ length: processes }, (_, index) =>
    kinds.map((kind) => ({
      module,
      input: { kind, seed: index + 1, rounds } satisfies HostStoresInput,
    })),
  ).flat();
  return output.task('SQLite and files, in fresh processes', jobs.length, async (onDone) => {
    return new PairedCosts(await runJobs<HostStoresInput, Cost[]>(jobs, onDone));
  });
}
