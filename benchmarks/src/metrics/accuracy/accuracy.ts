import { seededRandom } from '@perf/core/testing';
import { createRegistry } from '@perf/metrics';
import prometheus from 'prom-client';
import type { Family } from '../../harness/family.ts';
import { judge, type Target } from '../../harness/target.ts';

const FULL = 500_000;
const QUICK = 100_000;
const PARTS = [0.5, 0.9, 0.95, 0.99, 0.999];

const random = seededRandom(11);
const normal = (): number =>
  Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

const DISTRIBUTIONS: Readonly<Record<string, () => number>> = {
  lognormal: () => Math.exp(normal()),
  Pareto: () => (1 - random()) ** (-1 / 1.5),
  bimodal: () => Math.abs(random() < 0.7 ? 0.02 + 0.003 * normal() : 1.5 + 0.2 * normal()),
};

const target = (name: string): Target => ({
  id: 'met-3',
  what: `largest error of p50 to p99.9, ${name}`,
  peerName: 'prom-client Summary',
  unit: '%',
  judged: 'ours',
  bound: 'at most',
  must: 1.1,
  reach: 1.1,
});

/** How far percentiles are off: met-3. */
export const accuracy: Family = async ({ quick, output }) => {
  const count = quick ? QUICK : FULL;
  const rows = [];
  for (const [name, draw] of Object.entries(DISTRIBUTIONS)) {
    const values = Float64Array.from({ length: count }, draw);
    const ours = createRegistry().histogram({ name: 'h' });
    const registers: prometheus.Registry[] = [];
    const summary = new prometheus.Summary({ name: 's', help: 'x', percentiles: PARTS, registers });
    for (const value of values) {
      ours.observe(value);
      summary.observe(value);
    }
    const told = (await summary.get()).values;
    const sorted = values.toSorted();
    const total = ours.total();
    const worst = (read: (part: number) => number): number =>
      Math.max(
        ...PARTS.map((part) => {
          const exact = sorted[Math.ceil(part * count) - 1] ?? Number.NaN;
          return (Math.abs(read(part) - exact) / exact) * 100;
        }),
      );
    rows.push(
      judge(target(name), {
        ours: worst((part) => total.percentile(part)),
        peer: worst(
          (part) => told.find(({ labels }) => labels['quantile'] === part)?.value ?? Number.NaN,
        ),
      }),
    );
  }
  output.line(`accuracy: of ${count} observations each, by the nearest rank`);
  return rows;
};
