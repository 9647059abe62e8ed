import { ManualClock } from '@perf/core/testing';
import { expect, test } from 'vitest';
import { createHistory, createRegistry } from '../../src/index.ts';

const START = 1_700_000_000_000;

function make(options: Parameters<typeof createHistory>[1] = {}) {
  const clock = new ManualClock(START);
  const registry = createRegistry({ clock, defaultLabels: { service: 'shop' } });
  const requests = registry.counter({ name: 'requests_total', labels: ['method'] });
  return { clock, registry, requests, history: createHistory(registry, { clock, ...options }) };
}

test('values are noted at the interval, for as long as the retention', () => {
  const { clock, requests, history } = make({ interval: '10s', retention: '1m' });
  for (let step = 0; step < 10; step++) {
    requests.inc({ method: 'GET' }, 20);
    clock.advance(10_000);
  }
  expect(history.series('requests_total')).toEqual([
    {
      name: 'requests_total',
      labels: { service: 'shop', method: 'GET' },
      times: [4, 5, 6, 7, 8, 9, 10].map((step) => START + step * 10_000),
      values: [80, 100, 120, 140, 160, 180, 200],
    },
  ]);
  expect(history.rate('requests_total')).toBe(2);
  expect(history.rate('requests_total', { method: 'GET' }, '20s')).toBe(2);
  expect(history.rate('requests_total', { method: 'POST' })).toBeNaN();
  expect(history.series('requests_total', { method: 'POST' })).toEqual([]);
});

test('series that come and go are NaN where they are not, and forgotten when nothing is left of them', () => {
  const { clock, requests, history } = make({ interval: '10s', retention: '30s' });
  clock.advance(10_000);
  requests.inc({ method: 'GET' });
  clock.advance(10_000);
  requests.remove({ method: 'GET' });
  clock.advance(10_000);
  expect(history.series('requests_total')[0]?.values).toEqual([
    Number.NaN,
    Number.NaN,
    1,
    Number.NaN,
  ]);
  clock.advance(30_000);
  expect(history.series('requests_total')).toEqual([]);
  expect(history.stats()).toEqual({ series: 0, left: 0 });
});

test('a counter that begins again counts from 0', () => {
  const { clock, requests, history } = make({ interval: '10s', retention: '1m' });
  requests.inc({ method: 'GET' }, 100);
  history.note();
  requests.remove({ method: 'GET' });
  requests.inc({ method: 'GET' }, 30);
  clock.advance(10_000);
  expect(history.rate('requests_total')).toBe(3);
});

test('of histograms and summaries count and sum are kept; what keep refuses is not', () => {
  const { clock, registry, history } = make({ keep: (name) => name !== 'requests' });
  registry.histogram({ name: 'latency_seconds' }).observe(2);
  registry.collect((sink) => {
    sink.summary({ name: 'wait' }, { count: 3, sum: 6, quantiles: { '0.5': 2 } });
  });
  clock.advance(15_000);
  const last = (name: string) => history.series(name)[0]?.values.at(-1);
  expect(last('latency_seconds_count')).toBe(1);
  expect(last('latency_seconds_sum')).toBe(2);
  expect(last('wait_count')).toBe(3);
  expect(last('wait_sum')).toBe(6);
  expect(last('requests_total')).toBeUndefined();
});

test('memory is bounded: what finds no room is left out, and told', () => {
  const { requests, history } = make({ maxSeries: 3 });
  for (const method of ['a', 'b', 'c', 'd', 'e']) requests.inc({ method });
  history.note();
  expect(history.stats()).toEqual({ series: 3, left: 2 });
});

test('its timer keeps no process alive, and ends with it', async () => {
  const { clock, history } = make();
  expect(clock.keepAliveTimers).toBe(0);
  await history.close();
  expect(clock.pendingTimers).toBe(0);
  expect(() => {
    history.note();
  }).toThrow(expect.objectContaining({ code: 'PERF_CLOSED' }));
});

test.each([
  [{ interval: 0 }, 'interval'],
  [{ interval: '1h', retention: '1m' }, 'retention'],
  [{ interval: 1, retention: '1h' }, 'retention'],
  [{ maxSeries: 0 }, 'maxSeries'],
  [{ keep: 'all' }, 'keep'],
  [{ steps: 7 }, 'createHistory.steps'],
])('%j is refused', (options, option) => {
  expect(() => createHistory(createRegistry(), options as never)).toThrow(
    expect.objectContaining({ code: 'PERF_CONFIG', option }),
  );
});
