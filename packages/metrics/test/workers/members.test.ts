import { ManualClock } from '@perf/core/testing';
import { expect, test } from 'vitest';
import { createRegistry, mergeSnapshots, type RegistrySnapshot } from '../../src/index.ts';
import { Members } from '../../src/workers/members.ts';
import { collectWorkers, shareMetrics } from '../../src/workers.ts';

function told(count: number): RegistrySnapshot {
  const registry = createRegistry();
  registry.counter({ name: 'c_total' }).inc(count);
  registry.gauge({ name: 'g' }).set(count);
  return registry.snapshot();
}

function figures(members: Members, now: number): Record<string, number> {
  const { metrics } = mergeSnapshots(members.snapshots(now));
  return Object.fromEntries(
    metrics.map((metric) => [
      metric.name,
      metric.kind === 'histogram' ? 0 : (metric.values[0] ?? 0),
    ]),
  );
}

const make = () =>
  new Members(1000, () => {
    throw new Error('no conflicts are expected');
  });

test('a silent worker counts with what lasts, and with all again when it is heard', () => {
  const members = make();
  members.told('a', 'source', told(5), false, 0);
  expect(figures(members, 1000)).toEqual({ c: 5, g: 5 });
  expect(figures(members, 1001)).toEqual({ c: 5 });
  expect(members.counts(1001)).toEqual({ live: 0, silent: 1, ended: 0 });
  members.told('a', 'source', told(7), false, 2000);
  expect(figures(members, 2000)).toEqual({ c: 7, g: 7 });
});

test('a message that comes after the end still counts, and counts once', () => {
  const members = make();
  members.told('a', 'source', told(5), false, 0);
  members.ended('source');
  members.told('a', 'source', told(6), true, 1);
  expect(figures(members, 1)).toEqual({ c: 6 });
  expect(members.counts(1)).toEqual({ live: 0, silent: 0, ended: 1 });
});

test('thousands that came and went are kept in bounded memory, and none of their counts is lost', () => {
  const members = make();
  for (let id = 0; id < 1000; id++) members.told(String(id), id, told(1), true, id);
  expect(figures(members, 1000)).toEqual({ c: 1000 });
  expect(members.snapshots(1000)).toHaveLength(65);
  expect(members.counts(1000).ended).toBe(1000);
});

test('sharing and collecting hold nothing alive, take only known options, and end', async () => {
  const registry = createRegistry();
  const clock = new ManualClock();
  const collection = collectWorkers(registry, { clock });
  expect(collection.counts()).toEqual({ live: 0, silent: 0, ended: 0 });
  expect(await collection.expose().text()).toContain('metrics_workers{state="live"} 0\n');
  await collection.close();
  expect(await registry.expose().text()).toBe('');
  expect(() => {
    collection.add({} as never);
  }).toThrow(expect.objectContaining({ code: 'PERF_CLOSED' }));
  expect(() => collectWorkers(registry, { silentAfter: 0 })).toThrow(/silentAfter/);
  expect(() => shareMetrics(registry, { intervall: 5 } as never)).toThrow(/did you mean interval/);
});
