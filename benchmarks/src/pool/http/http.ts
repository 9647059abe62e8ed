import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Family } from '../../harness/family.ts';
import { runJobs } from '../../harness/job.ts';
import { PairedCosts } from '../../harness/paired-costs.ts';
import { judge, type Target } from '../../harness/target.ts';
import type { Cost } from '../../harness/turns.ts';
import type { HttpInput } from './http-worker.ts';
import * as names from './names.ts';

const FULL = { processes: 8, rounds: { warmUp: 3, counted: 15 } };
const QUICK = { processes: 3, rounds: { warmUp: 2, counted: 6 } };

function target(concurrency: number, peerName: string, must: number, reach: number): Target {
  return {
    id: 'pool-7',
    what: `HTTP, ${concurrency} at once`,
    peerName,
    unit: 'µs',
    judged: 'ratio',
    bound: 'at least',
    must,
    reach,
  };
}

/** What a request costs with retries, limits and counters: pool-7. */
export const http: Family = async ({ quick, output }) => {
  const { processes, rounds } = quick ? QUICK : FULL;
  const server = fork(new URL('server-worker.js', import.meta.url));
  try {
    const origin = `http://127.0.0.1:${await portOf(server)}`;
    const module = new URL('http-worker.js', import.meta.url);
    const jobs = Array.from({ length: processes }, (_, index) => ({
      module,
      input: { origin, seed: index + 1, rounds } satisfies HttpInput,
    }));
    const outputs = await output.task('HTTP, in fresh processes', jobs.length, (onDone) =>
      runJobs<HttpInput, Cost[]>(jobs, onDone),
    );
    const costs = new PairedCosts(outputs);
    for (const concurrency of names.CONCURRENCIES) {
      const control = [names.atOnce(concurrency), names.UNDICI_CONTROL, names.UNDICI] as const;
      const ratio = costs.speed(...control)?.ratio.toFixed(2);
      const [least, most] = costs.spread(...control).map((one) => one.toFixed(2));
      output.line(
        `null control: undici against itself, ${concurrency} at once: ${ratio} × (${least} – ${most})`,
      );
    }
    const compared = (rival: string, must: number, reach: number) =>
      names.CONCURRENCIES.map((concurrency) =>
        judge(
          target(concurrency, rival, must, reach),
          costs.speed(names.atOnce(concurrency), names.OURS, rival) ?? {
            skipped: 'it was not measured',
          },
        ),
      );
    return [...compared(names.UNDICI, 0.85, 0.95), ...compared(names.FETCH, 2.5, 4)];
  } finally {
    server.kill();
  }
};

/** Rejects when it ends before it listens. */
async function portOf(server: ChildProcess): Promise<number> {
  const [port] = (await Promise.race([
    once(server, 'message'),
    once(server, 'exit').then(() => {
      throw new Error('the HTTP server ended before it listened');
    }),
  ])) as [number];
  return port;
}
