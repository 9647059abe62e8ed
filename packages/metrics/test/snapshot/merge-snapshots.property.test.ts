import { ManualClock, seededRandom } from '@perf/core/testing';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  createRegistry,
  exposeSnapshot,
  mergeSnapshots,
  MetricConflictError,
  transferables,
  type Aggregate,
  type Registry,
  type RegistrySnapshot,
} from '../../src/index.ts';
import { readText } from '../fixtures/read-text.ts';

const AGGREGATES: readonly Aggregate[] = ['sum', 'min', 'max', 'mean', 'newest'];

/** What a process did: labels and a whole number, so that sums are exact. */
type Act = readonly [label: string, value: number];

function play(acts: readonly Act[], clock = new ManualClock()): Registry {
  const registry = createRegistry({ clock });
  const counter = registry.counter({ name: 'c_total', labels: ['a', 'b'] });
  const histogram = registry.histogram({ name: 'h', labels: ['a'], buckets: [1, 10, 100] });
  for (const [label, value] of acts) {
    counter.inc({ a: label, b: value % 3 }, value);
    histogram.observe({ a: label }, value);
  }
  return registry;
}

/** By series, whatever their order. */
async function read(snapshot: RegistrySnapshot): Promise<Record<string, number>> {
  const lines = readText(await exposeSnapshot(snapshot).text());
  const entries = lines.map(
    ({ name, labels, value }) => [name + JSON.stringify(labels), value] as const,
  );
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

const act = fc.tuple(
  fc.oneof(fc.string(), fc.constantFrom('GET', 'POST')),
  fc.integer({ min: 0, max: 500 }),
);

test('what is merged is what one process would have counted, through clones and in any order', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(act, { maxLength: 20 }), { maxLength: 5 }),
      async (parts) => {
        const all = await read(play(parts.flat()).snapshot());
        const snapshots = parts.map((acts) => structuredClone(play(acts).snapshot()));
        const merged = await read(mergeSnapshots(snapshots));
        const backwards = await read(mergeSnapshots(snapshots.toReversed()));
        const grouped = await read(
          mergeSnapshots([
            mergeSnapshots(snapshots.slice(0, 2)),
            mergeSnapshots(snapshots.slice(2)),
          ]),
        );
        const expected = parts.length === 0 ? {} : all;
        expect(merged).toEqual(expected);
        expect(backwards).toEqual(expected);
        expect(grouped).toEqual(expected);
      },
    ),
    { numRuns: 25 },
  );
});

test('a snapshot is exposed as the registry is', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(act, { maxLength: 30 }), async (acts) => {
      const registry = play(acts);
      for (const accept of [undefined, 'application/openmetrics-text', 'application/json']) {
        expect(await exposeSnapshot(registry.snapshot(), accept).text()).toBe(
          await registry.expose(accept).text(),
        );
      }
    }),
    { numRuns: 15 },
  );
});

describe('gauges', () => {
  test.each([
    ['sum', 9],
    ['min', 1],
    ['max', 5],
    ['mean', 3],
    ['newest', 5],
  ] as const)('%s', (aggregate, expected) => {
    const of = (value: number, at: number) => {
      const registry = createRegistry({ clock: new ManualClock(at) });
      registry.gauge({ name: 'g', labels: ['x'], aggregate }).set({ x: 1 }, value);
      return registry.snapshot();
    };
    const merged = mergeSnapshots([of(1, 100), of(5, 300), of(3, 200)]);
    expect(merged.metrics[0]).toMatchObject({ values: Float64Array.of(expected) });
    expect(merged.at).toBe(300);
  });

  test('series that only some have stay as they are, whatever the aggregate', () => {
    for (const aggregate of AGGREGATES) {
      const of = (x: string, value: number) => {
        const registry = createRegistry({ clock: new ManualClock() });
        registry.gauge({ name: 'g', labels: ['x'], aggregate }).set({ x }, value);
        return registry.snapshot();
      };
      const merged = mergeSnapshots([of('a', 1), of('b', 2), of('c', 3)]);
      expect(merged.metrics[0]).toMatchObject({
        labelValues: ['a', 'b', 'c'],
        values: Float64Array.of(1, 2, 3),
      });
    }
  });
});

test('summaries: counts and sums are added, the largest quantile is told', () => {
  const of = (count: number, p99: number) => {
    const registry = createRegistry();
    registry.collect((sink) => {
      sink.summary({ name: 's' }, { count, sum: 1, quantiles: { '0.99': p99 } }, { pool: 'a' });
    });
    return registry.snapshot();
  };
  const merged = mergeSnapshots([of(1, 0.5), of(2, 0.25)]);
  expect(merged.metrics[0]).toMatchObject({ values: Float64Array.of(3, 2, 0.5) });
});

test('default labels that differ are left out; those that all have stay', () => {
  const of = (worker: number) =>
    createRegistry({ defaultLabels: { service: 'shop', worker } }).snapshot();
  expect(mergeSnapshots([of(1), of(2)]).defaultLabels).toEqual({ service: 'shop' });
});

test('metrics that are not the same are a conflict: thrown, or told and left out', () => {
  const one = createRegistry();
  one.counter({ name: 'a_total' }).inc();
  const other = createRegistry();
  other.gauge({ name: 'a' }).set(5);
  const snapshots = [one.snapshot(), other.snapshot()];
  expect(() => mergeSnapshots(snapshots)).toThrow(MetricConflictError);
  const conflicts: string[] = [];
  const merged = mergeSnapshots(snapshots, ({ metric }) => conflicts.push(metric));
  expect(conflicts).toEqual(['a']);
  expect(merged.metrics).toMatchObject([{ kind: 'counter', values: Float64Array.of(1) }]);
});

test('a snapshot can be handed over without a copy, and merging leaves its sources alone', () => {
  const random = seededRandom(1);
  const registry = play(Array.from({ length: 100 }, () => ['x', Math.floor(random() * 100)]));
  const snapshot = registry.snapshot();
  const before = structuredClone(snapshot);
  mergeSnapshots([snapshot, snapshot]);
  expect(snapshot).toEqual(before);
  const moved = structuredClone(snapshot, { transfer: transferables(snapshot) });
  expect(moved).toEqual(before);
  expect(transferables(snapshot).every(({ byteLength }) => byteLength === 0)).toBe(true);
  expect(registry.snapshot()).toEqual(before);
});
