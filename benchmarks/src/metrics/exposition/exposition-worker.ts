import { createRegistry, type Registry } from '@perf/metrics';
import { seededRandom } from '@perf/core/testing';
import prometheus from 'prom-client';
import { serveJob } from '../../harness/job.ts';
import { median } from '../../harness/statistics.ts';
import { processorCost, takeTurns, type Cost, type Rounds } from '../../harness/turns.ts';
import { OURS, PROM_CLIENT, SCRAPE } from './names.ts';

/** Work of one process. */
export interface ExpositionInput {
  readonly seed: number;
  readonly rounds: Rounds;
}

/** What came of it. */
export interface ExpositionOutput {
  /** Per scrape, in nanoseconds of the processor. */
  readonly costs: readonly Cost[];
  /** How long the event loop was blocked by a scrape of 100,000 series, the first and later ones, in milliseconds. */
  readonly firstBlocked: number;
  readonly blocked: number;
}

const LABELS = ['method', 'route'] as const;
const COLUMNS = 100;
const SCRAPED = 10_000;
const LARGE = 100_000;
const SCRAPES = 15;

function labelsOf(index: number): { readonly method: string; readonly route: string } {
  return { method: `m${index % COLUMNS}`, route: `/r${Math.floor(index / COLUMNS)}` };
}

function filled(series: number): Registry {
  const registry = createRegistry({ cardinalityLimit: series });
  const counter = registry.counter({ name: 'requests_total', help: 'x', labels: LABELS });
  for (let index = 0; index < series; index++) counter.inc(labelsOf(index), index);
  return registry;
}

function filledPromClient(series: number): prometheus.Registry {
  const registry = new prometheus.Registry();
  const options = { name: 'requests_total', help: 'x', labelNames: LABELS, registers: [registry] };
  const counter = new prometheus.Counter(options);
  for (let index = 0; index < series; index++) counter.inc(labelsOf(index), index);
  return registry;
}

async function measure({ seed, rounds }: ExpositionInput): Promise<ExpositionOutput> {
  const ours = filled(SCRAPED);
  const theirs = filledPromClient(SCRAPED);
  const costs = await takeTurns(
    [
      {
        workload: SCRAPE,
        subject: OURS,
        run: () => processorCost(1, () => ours.expose().bytes()),
      },
      {
        workload: SCRAPE,
        subject: PROM_CLIENT,
        run: () => processorCost(1, async () => Buffer.from(await theirs.metrics())),
      },
    ],
    rounds,
    seededRandom(seed),
  );
  const large = filled(LARGE);
  const firstBlocked = await longestTurn(() => large.expose().bytes());
  const later: number[] = [];
  for (let scrape = 0; scrape < SCRAPES; scrape++) {
    later.push(await longestTurn(() => large.expose().bytes()));
  }
  return { costs, firstBlocked, blocked: median(later) };
}

/** The longest time between two turns of the event loop while something runs, in milliseconds; time in which the process did not run does not count. */
async function longestTurn(run: () => Promise<unknown>): Promise<number> {
  let longest = 0;
  let last = performance.now();
  let lastUsed = process.cpuUsage();
  let running = true;
  const look = (): void => {
    const now = performance.now();
    const used = process.cpuUsage(lastUsed);
    longest = Math.max(longest, Math.min(now - last, (used.user + used.system) / 1000));
    last = now;
    lastUsed = process.cpuUsage();
    if (running) setImmediate(look);
  };
  setImmediate(look);
  await run();
  running = false;
  return longest;
}

serveJob(measure);
