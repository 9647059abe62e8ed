import { createRegistry, mergeSnapshots, type RegistrySnapshot } from '@perf/metrics';
import { serveJob } from '../../harness/job.ts';
import { median } from '../../harness/statistics.ts';

/** What came of it. */
export interface MergingOutput {
  /** Milliseconds for a merge of all. */
  readonly milliseconds: number;
  /** As that, of workers that have their series in different orders. */
  readonly shuffled: number;
  /** How far the merged counts are off. */
  readonly error: number;
}

const WORKERS = 8;
const SERIES = 10_000;
const COLUMNS = 100;
const ROUNDS = 12;

/** A worker's snapshot, as it comes from another process. @param stride in which order it made its series */
function snapshotOf(worker: number, stride: number): RegistrySnapshot {
  const registry = createRegistry({ cardinalityLimit: SERIES });
  const counter = registry.counter({ name: 'requests_total', labels: ['method', 'route'] });
  for (let step = 0; step < SERIES; step++) {
    const index = (step * stride) % SERIES;
    const labels = { method: `m${index % COLUMNS}`, route: `/r${Math.floor(index / COLUMNS)}` };
    counter.inc(labels, index + worker);
  }
  return structuredClone(registry.snapshot());
}

function sumOf({ metrics }: RegistrySnapshot): number {
  const [metric] = metrics;
  if (metric?.kind !== 'counter' || metric.size !== SERIES) return Number.NaN;
  return metric.values.reduce((sum, value) => sum + value, 0);
}

/** The strides have no divisor in common with the number of series: each is an order of its own. */
const STRIDES = [1, 3, 7, 9, 11, 13, 17, 19];

/** @param strides of each worker's order. @returns milliseconds, and how far the counts are off */
function time(strides: readonly number[]): { readonly ms: number; readonly error: number } {
  const times: number[] = [];
  let error = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const snapshots = strides.map((stride, worker) => snapshotOf(worker, stride));
    const expected = snapshots.reduce((sum, one) => sum + sumOf(one), 0);
    const start = performance.now();
    const merged = mergeSnapshots(snapshots);
    times.push(performance.now() - start);
    error += Math.abs(sumOf(merged) - expected);
  }
  return { ms: median(times), error };
}

function measure(): MergingOutput {
  const same = time(Array.from({ length: WORKERS }, () => 1));
  const shuffled = time(STRIDES);
  return { milliseconds: same.ms, shuffled: shuffled.ms, error: same.error + shuffled.error };
}

serveJob(measure);
