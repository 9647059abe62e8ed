import { createPostgresPool } from '@perf/pool/postgres';
import { startPostgres } from '@perf/test-servers';
import type { Family } from '../../harness/family.ts';
import { runJobs } from '../../harness/job.ts';
import { PairedCosts } from '../../harness/paired-costs.ts';
import { judge, type Target } from '../../harness/target.ts';
import type { Cost } from '../../harness/turns.ts';
import * as names from './names.ts';
import type { PostgresInput } from './postgres-worker.ts';
import { ITEMS } from './subjects.ts';

const FULL = { processes: 8, rounds: { warmUp: 4, counted: 10 } };
const QUICK = { processes: 3, rounds: { warmUp: 2, counted: 4 } };

const { CALLERS, byKey, OURS, OURS_UNPREPARED, PG_POOL, PG_POOL_CONTROL } = names;
/** For 1, 16 and 64 callers. */
const MUST = [1.1, 1.3, 1.4];
const REACH = [1.3, 2, 2];

function faster(id: string, what: string, peerName: string, must: number, reach: number): Target {
  return { id, what, peerName, unit: 'µs', judged: 'ratio', bound: 'at least', must, reach };
}

/** What a pool of connections to PostgreSQL costs and brings: pool-3, pool-4, pool-5, pool-9. */
export const postgres: Family = async ({ quick, output }) => {
  const { processes, rounds } = quick ? QUICK : FULL;
  await using server = await startPostgres();
  await fill(server.url);
  const module = new URL('postgres-worker.js', import.meta.url);
  const jobs = Array.from({ length: processes }, (_, index) => ({
    module,
    input: { url: server.url, seed: index + 1, rounds } satisfies PostgresInput,
  }));
  const outputs = await output.task('PostgreSQL, in fresh processes', jobs.length, (onDone) =>
    runJobs<PostgresInput, Cost[]>(jobs, onDone),
  );
  const costs = new PairedCosts(outputs);
  for (const callers of CALLERS) {
    const workload = byKey(callers);
    const shown = [
      PG_POOL_CONTROL,
      names.PG_POOL_NAMED,
      names.POSTGRES_JS,
      OURS_UNPREPARED,
      OURS,
    ].map((subject) => {
      const ratio = costs.speed(workload, subject, PG_POOL)?.ratio ?? Number.NaN;
      const spread = costs.spread(workload, subject, PG_POOL).map((one) => one.toFixed(2));
      return `${subject} ${ratio.toFixed(2)} × (${spread.join(' – ')})`;
    });
    output.line(`${workload}, against ${PG_POOL}: ${shown.join('; ')}`);
  }
  const skipped = { skipped: 'it was not measured' };
  return [
    ...CALLERS.map((callers, index) =>
      judge(
        faster('pool-3', byKey(callers), PG_POOL, MUST[index] ?? 1, REACH[index] ?? 1),
        costs.speed(byKey(callers), OURS, PG_POOL) ?? skipped,
      ),
    ),
    ...CALLERS.map((callers) =>
      judge(
        faster('pool-4', `unprepared, ${byKey(callers)}`, PG_POOL, 0.95, 1),
        costs.speed(byKey(callers), OURS_UNPREPARED, PG_POOL) ?? skipped,
      ),
    ),
    judge(
      faster('pool-5', 'by primary key, 16 at once', names.PER_QUERY, 30, 30),
      costs.speed(names.POOLED, OURS, names.PER_QUERY) ?? skipped,
    ),
    judge(
      faster('pool-9', names.ERRORS, PG_POOL, 3, 10),
      costs.speed(names.ERRORS, OURS, PG_POOL) ?? skipped,
    ),
  ];
};

async function fill(url: string): Promise<void> {
  const pool = createPostgresPool({ connectionString: url, max: 1 });
  await pool.query('create table items (id bigint primary key, name text, price int)');
  await pool.query(
    "insert into items select n, 'item ' || n, n % 100 from generate_series(1, $1::int) n",
    [ITEMS],
  );
  await pool.query('analyze items');
  await pool.close();
}
