import { ManualClock } from '@perf/core/testing';
import { describe, expect, test } from 'vitest';
import { createRegistry, LabelError, MetricConflictError, type Registry } from '../../src/index.ts';
import { readText, valuesOf } from '../fixtures/read-text.ts';

describe('names', () => {
  test.each(['', '1st', 'http.requests', 'with space', 'ümlaut', 'a'.repeat(300), '_total', 'a\n'])(
    'Prometheus would not take %j, so it is refused',
    (name) => {
      const registry = createRegistry();
      expect(() => registry.counter({ name })).toThrow(
        expect.objectContaining({ code: 'PERF_CONFIG', option: 'name' }),
      );
    },
  );

  test('a counter is told with _total, whether its name has it or not', async () => {
    const registry = createRegistry({ prefix: 'shop_' });
    registry.counter({ name: 'a_total' }).inc();
    registry.counter({ name: 'b' }).inc(2);
    const names = readText(await registry.expose().text()).map(({ name }) => name);
    expect(names).toEqual(['shop_a_total', 'shop_b_total']);
  });

  test('the same options give the same metric; others are a conflict', () => {
    const registry = createRegistry();
    const options = { name: 'hits_total', help: 'Hits.', labels: ['cache'] } as const;
    const first = registry.counter(options);
    expect(registry.counter({ ...options })).toBe(first);
    for (const other of [
      { help: 'Other.' },
      { labels: ['pool'] as const },
      { cardinalityLimit: 7 },
    ]) {
      expect(() => registry.counter({ ...options, ...other } as never)).toThrow(
        MetricConflictError,
      );
    }
    expect(() => registry.gauge({ name: 'hits' })).toThrow(
      'there is a counter of that name with other options',
    );
  });

  test.each<readonly [string, (registry: Registry) => void]>([
    ['a_sum', (registry) => registry.gauge({ name: 'a_sum' })],
    ['a_bucket', (registry) => registry.gauge({ name: 'a_bucket' })],
    ['a_count', (registry) => registry.counter({ name: 'a_count' })],
    ['a', (registry) => registry.gauge({ name: 'a' })],
  ])('%s collides with the series of the histogram a', (name, register) => {
    const registry = createRegistry();
    registry.histogram({ name: 'a' });
    expect(() => {
      register(registry);
    }).toThrow(expect.objectContaining({ code: 'PERF_METRIC_CONFLICT', metric: name }));
  });

  test('a collector that tells a name that is taken is told to the listener, and hides nothing', async () => {
    const registry = createRegistry();
    const errors: unknown[] = [];
    registry.on('collectorError', ({ error }) => errors.push(error));
    registry.gauge({ name: 'taken' }).set(1);
    registry.collect((sink) => {
      sink.gauge({ name: 'before' }, 1);
      sink.gauge({ name: 'taken' }, 2);
    });
    expect(await valuesOf(registry, 'taken')).toEqual({ '': 1 });
    expect(await valuesOf(registry, 'before')).toEqual({ '': 1 });
    expect(errors[0]).toBeInstanceOf(MetricConflictError);
  });
});

describe('options', () => {
  test.each([
    [{ cardinalityLimit: 0 }, 'cardinalityLimit'],
    [{ maxLabelLength: Number.NaN }, 'maxLabelLength'],
    [{ retention: -1 }, 'retention'],
    [{ retention: '1h', resolution: '2h' }, 'resolution'],
    [{ retention: '1h', resolution: 1 }, 'resolution'],
    [{ prefix: 'a-b' }, 'name'],
    [{ prefix: 7 }, 'prefix'],
    [{ defaultLabels: { le: 'x' } }, 'labels[0]'],
    [{ defaultLabels: { a: {} } }, 'defaultLabels.a'],
    [{ exemplar: 7 }, 'exemplar'],
    [{ prefx: 'a' }, 'createRegistry.prefx'],
  ])('createRegistry(%j) is refused', (options, option) => {
    expect(() => createRegistry(options as never)).toThrow(
      expect.objectContaining({ code: 'PERF_CONFIG', option }),
    );
  });

  test.each([
    [{ labels: ['a', 'a'] }, 'labels[1]'],
    [{ labels: ['le'] }, 'labels[0]'],
    [{ labels: ['__name'] }, 'labels[0]'],
    [{ labels: ['a-b'] }, 'labels[0]'],
    [{ labels: [7] }, 'labels[0]'],
    [{ labels: 'method' }, 'labels'],
    [{ labels: ['service'] }, 'labels[0]'],
    [{ unit: 'bytes' }, 'unit'],
    [{ buckets: [1, 1] }, 'buckets[1]'],
    [{ buckets: [Number.NaN] }, 'buckets[0]'],
    [{ buckets: [Infinity] }, 'buckets[0]'],
    [{ buckets: 'none' }, 'buckets'],
    [{ help: 7 }, 'help'],
    [{ buckts: [1] }, 'histogram.buckts'],
  ])('a histogram with %j is refused', (options, option) => {
    const registry = createRegistry({ defaultLabels: { service: 'x' } });
    expect(() => registry.histogram({ name: 'h_seconds', ...options } as never)).toThrow(
      expect.objectContaining({ code: 'PERF_CONFIG', option }),
    );
  });

  test('a gauge combines as it is told to, a timer is in seconds', () => {
    const registry = createRegistry();
    expect(() => registry.gauge({ name: 'g', aggregate: 'median' as never })).toThrow(/aggregate/);
    expect(() => registry.timer({ name: 't' })).toThrow('one that ends with "_seconds"');
  });
});

describe('labels', () => {
  const labelled = () =>
    createRegistry().counter({ name: 'requests_total', labels: ['method', 'status'] });

  test.each([
    [{ method: 'GET' }, 'status', 'is missing'],
    [{ method: 'GET', status: undefined }, 'status', 'is missing'],
    [{ method: 'GET', status: null }, 'status', 'must be a string, number or boolean, got null'],
    [{ method: 'GET', status: {} }, 'status', 'got object'],
    [{ method: 'GET', status: 200, path: '/' }, 'path', 'is not known: it has method, status'],
    [{}, 'method', 'is missing'],
    [undefined, 'method', 'no labels were given'],
  ])('%j is an error, never a series without them', (labels, label, message) => {
    const requests = labelled();
    requests.inc({ method: 'undefined', status: 'undefined' });
    for (const use of ['child', 'inc', 'remove'] as const) {
      expect(() => requests[use](labels as never)).toThrow(
        expect.objectContaining({ code: 'PERF_LABELS', label }),
      );
      expect(() => requests[use](labels as never)).toThrow(message);
      expect(() => requests[use](labels as never)).toThrow(LabelError);
    }
  });

  test('texts, numbers and booleans that are written alike are one series', () => {
    const requests = labelled();
    const child = requests.child({ method: 'true', status: '200' });
    expect(requests.child({ method: true, status: 200 })).toBe(child);
    requests.inc({ method: true, status: 200 });
    requests.inc({ status: '200', method: 'true' }, 2);
    expect(child.value).toBe(3);
  });

  test('a value of a megabyte is cut off, and kept once', async () => {
    const registry = createRegistry();
    const paths = registry.counter({ name: 'paths_total', labels: ['path'] });
    const long = 'x'.repeat(255);
    paths.inc({ path: `${long}y${'z'.repeat(1_000_000)}` });
    paths.inc({ path: `${long}y${'!'.repeat(1_000_000)}` });
    expect(await valuesOf(registry, 'paths_total')).toEqual({ [`${long}y`]: 2 });
  });

  test('half a character, or one that was cut in two, is replaced', async () => {
    const registry = createRegistry({ maxLabelLength: 3 });
    const odd = registry.counter({ name: 'odd_total', labels: ['value'] });
    odd.inc({ value: '\uD83D' });
    odd.inc({ value: 'ab\u{1F600}' });
    odd.inc({ value: 'ab\u{1F600}' });
    expect(await valuesOf(registry, 'odd_total')).toEqual({ '\uFFFD': 1, 'ab\uFFFD': 2 });
  });

  test('default labels are at every series', async () => {
    const registry = createRegistry({ defaultLabels: { service: 'a"b', shard: 7 } });
    registry.counter({ name: 'a_total' }).inc();
    registry.collect((sink) => {
      sink.gauge({ name: 'b' }, 1, { x: 'y' });
    });
    expect(readText(await registry.expose().text())).toEqual([
      { name: 'a_total', labels: { service: 'a"b', shard: '7' }, value: 1 },
      { name: 'b', labels: { service: 'a"b', shard: '7', x: 'y' }, value: 1 },
    ]);
  });
});

describe('the limit of series', () => {
  test('a thousand times more series than allowed are one, told once, with the label that causes it', async () => {
    const registry = createRegistry({ cardinalityLimit: 20 });
    const events: unknown[] = [];
    registry.on('overflow', (event) => events.push(event));
    const users = registry.counter({ name: 'users_total', labels: ['method', 'user'] });
    for (let user = 0; user < 20_000; user++) users.inc({ method: 'GET', user });
    users.inc({ method: 'GET', user: 3 });
    const values = await valuesOf(registry, 'users_total');
    expect(Object.keys(values)).toHaveLength(21);
    expect(values['__overflow__,__overflow__']).toBe(19_980);
    expect(values['GET,3']).toBe(2);
    expect(events).toEqual([{ metric: 'users', limit: 20, label: 'user' }]);
    expect(registry.stats()).toMatchObject({ series: 22, overflowed: 19_980 });
    expect(await valuesOf(registry, 'metrics_overflowed_total')).toEqual({ users: 19_980 });
  });

  test('it holds for gauges, histograms, timers and what collectors tell', async () => {
    const registry = createRegistry({ cardinalityLimit: 2 });
    const gauge = registry.gauge({ name: 'g', labels: ['id'] });
    const histogram = registry.histogram({ name: 'h', labels: ['id'], buckets: [] });
    const timer = registry.timer({ name: 't_seconds', labels: ['id'], buckets: [] });
    registry.collect((sink) => {
      for (let id = 0; id < 10; id++) sink.gauge({ name: 'c' }, id, { id });
    });
    for (let id = 0; id < 10; id++) {
      gauge.set({ id }, id);
      histogram.observe({ id }, id);
      timer.record({ id }, id);
    }
    expect(await valuesOf(registry, 'g')).toEqual({ 0: 0, 1: 1, __overflow__: 9 });
    expect(await valuesOf(registry, 'h_count')).toEqual({ 0: 1, 1: 1, __overflow__: 8 });
    expect(await valuesOf(registry, 't_seconds_count')).toMatchObject({
      '0,success': 1,
      '__overflow__,success': 8,
    });
    expect(await valuesOf(registry, 'c')).toEqual({ 0: 0, 1: 1, __overflow__: 9 });
  });

  test('a series that is removed makes room; who holds it harms nobody', async () => {
    const registry = createRegistry({ cardinalityLimit: 1 });
    const users = registry.counter({ name: 'users_total', labels: ['user'] });
    const gone = users.child({ user: 'a' });
    gone.inc(5);
    expect(users.remove({ user: 'a' })).toBe(true);
    expect(users.remove({ user: 'a' })).toBe(false);
    users.inc({ user: 'b' });
    gone.inc(100);
    expect(gone.value).toBe(105);
    expect(await valuesOf(registry, 'users_total')).toEqual({ b: 1 });
    users.clear();
    users.inc({ user: 'c' });
    expect(await valuesOf(registry, 'users_total')).toEqual({ c: 1 });
  });

  test('labels that are named as the rest are the same series as the rest', async () => {
    const registry = createRegistry({ cardinalityLimit: 1 });
    const users = registry.counter({ name: 'users_total', labels: ['user'] });
    users.inc({ user: '__overflow__' });
    users.inc({ user: 'a' });
    users.inc({ user: 'b' });
    expect(await valuesOf(registry, 'users_total')).toEqual({ __overflow__: 3 });
  });
});

describe('numbers', () => {
  test('what no counter or histogram takes is refused, counted, and told once: nothing throws', async () => {
    const registry = createRegistry();
    const events: unknown[] = [];
    registry.on('invalid', (event) => events.push(event));
    const counter = registry.counter({ name: 'c_total' });
    const histogram = registry.histogram({ name: 'h' });
    for (const value of [-1, Number.NaN, Infinity, -Infinity, '1' as never, undefined as never]) {
      if (value !== undefined) counter.inc(value);
      histogram.observe(value);
    }
    expect(counter.value).toBe(0);
    expect(histogram.count).toBe(0);
    expect(registry.stats().invalid).toBe(11);
    expect(events).toEqual([
      { metric: 'c', value: -1 },
      { metric: 'h', value: -1 },
    ]);
    expect(await valuesOf(registry, 'metrics_invalid_values_total')).toEqual({ c: 5, h: 6 });
  });

  test('gauges take every number, and the text tells each', async () => {
    const registry = createRegistry();
    const gauge = registry.gauge({ name: 'g', labels: ['is'] });
    const numbers = { nan: Number.NaN, inf: Infinity, low: -Infinity, big: 1e300, odd: 0.1 + 0.2 };
    for (const [is, value] of Object.entries(numbers)) gauge.set({ is }, value);
    expect(await valuesOf(registry, 'g')).toEqual(numbers);
    const child = gauge.child({ is: 'odd' });
    child.set(5);
    child.inc();
    child.dec(2);
    gauge.inc({ is: 'odd' }, 3);
    gauge.dec({ is: 'odd' });
    expect(child.value).toBe(6);
  });

  test('an infinite exemplar, or one with too much text, is left out, and the value counted', async () => {
    const registry = createRegistry({ clock: new ManualClock() });
    const histogram = registry.histogram({ name: 'h', buckets: [1] });
    histogram.observe(0.5, { trace_id: 'x'.repeat(200) });
    histogram.observe(0.5, { 'bad-name': 'x' });
    expect(histogram.count).toBe(2);
    expect(await registry.expose('application/openmetrics-text').text()).not.toContain(' # ');
    histogram.observe(0.5, { trace_id: 'abc' });
    expect(await registry.expose('application/openmetrics-text').text()).toContain(
      'h_bucket{le="1.0"} 3 # {trace_id="abc"} 0.5 1700000000\n',
    );
  });
});

describe('collectors', () => {
  test('are called at each exposition and snapshot; what they no longer tell is gone', async () => {
    const registry = createRegistry();
    let told: Record<string, number> = { a: 1, b: 2 };
    const end = registry.collect((sink) => {
      for (const [id, value] of Object.entries(told)) sink.gauge({ name: 'g' }, value, { id });
    });
    expect(await valuesOf(registry, 'g')).toEqual({ a: 1, b: 2 });
    told = { b: 3 };
    expect(await valuesOf(registry, 'g')).toEqual({ b: 3 });
    expect(registry.snapshot().metrics).toMatchObject([{ name: 'g', size: 1, labelValues: ['b'] }]);
    end();
    end();
    expect(await registry.expose().text()).toBe('');
    // The name is free again.
    registry.histogram({ name: 'g' });
  });

  test('labels that differ within a metric are an error of the collector', async () => {
    const registry = createRegistry();
    const errors: unknown[] = [];
    registry.on('collectorError', ({ error }) => errors.push(error));
    registry.collect((sink) => {
      sink.gauge({ name: 'g' }, 1, { a: 1 });
      sink.gauge({ name: 'g' }, 1, { b: 1 });
    });
    expect(await valuesOf(registry, 'g')).toEqual({ '1': 1 });
    expect(errors[0]).toBeInstanceOf(LabelError);
  });
});

test('a closed registry has no timers and takes no collectors; what is counted can still be read', async () => {
  const clock = new ManualClock();
  const registry = createRegistry({ clock });
  const histogram = registry.histogram({ name: 'h' });
  histogram.observe(1);
  expect(clock.pendingTimers).toBe(1);
  expect(clock.keepAliveTimers).toBe(0);
  await registry.close();
  await registry.close();
  expect(clock.pendingTimers).toBe(0);
  histogram.observe(1);
  expect(histogram.count).toBe(2);
  expect(clock.pendingTimers).toBe(0);
  expect(() => registry.collect(() => undefined)).toThrow(
    expect.objectContaining({ code: 'PERF_CLOSED' }),
  );
});
