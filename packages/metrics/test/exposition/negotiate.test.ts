import { expect, test } from 'vitest';
import { createRegistry } from '../../src/index.ts';

const PROTOBUF =
  'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited';

test.each([
  [undefined, 'text/plain; version=0.0.4'],
  ['', 'text/plain'],
  ['*/*', 'text/plain'],
  ['text/html,application/xhtml+xml,*/*;q=0.8', 'text/plain'],
  ['image/png', 'text/plain'],
  ['application/json', 'application/json'],
  ['application/openmetrics-text', 'application/openmetrics-text; version=1.0.0'],
  ['application/openmetrics-text; version=0.0.1', 'text/plain'],
  ['application/openmetrics-text;q=0.2, text/plain;q=0.9', 'text/plain'],
  ['application/openmetrics-text; q=0', 'text/plain'],
  ['Application/OpenMetrics-Text; Version="1.0.0"', 'application/openmetrics-text'],
  [
    `${PROTOBUF}, application/openmetrics-text;version=1.0.0;q=0.8, text/plain;q=0.5`,
    'application/vnd',
  ],
  [
    `${PROTOBUF};q=0.1, application/openmetrics-text;version=1.0.0;q=0.8`,
    'application/openmetrics',
  ],
  ['application/vnd.google.protobuf', 'text/plain'],
  [
    'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=text',
    'text/plain',
  ],
  [`application/openmetrics-text${' '.repeat(10_000)}`, 'text/plain'],
  [';;;,,,q=q=,=', 'text/plain'],
])('Accept: %s', (accept, contentType) => {
  expect(createRegistry().expose(accept).contentType).toMatch(
    new RegExp(`^${contentType.replaceAll('.', String.raw`\.`)}`),
  );
});

test('a large body comes in pieces, and others have their turn between them', async () => {
  const registry = createRegistry({ cardinalityLimit: 10_000 });
  const counter = registry.counter({ name: 'c_total', labels: ['id'] });
  const histogram = registry.histogram({ name: 'h', labels: ['id'] });
  for (let id = 0; id < 8000; id++) counter.inc({ id });
  for (let id = 0; id < 500; id++) histogram.observe({ id }, id);
  for (const accept of [
    'text/plain',
    'application/openmetrics-text',
    'application/json',
    PROTOBUF,
  ]) {
    let turns = 0;
    let running = true;
    const count = (): void => {
      turns++;
      if (running) setImmediate(count);
    };
    setImmediate(count);
    let pieces = 0;
    let largest = 0;
    const exposition = registry.expose(accept);
    for await (const piece of exposition) {
      pieces++;
      largest = Math.max(largest, piece.length);
    }
    running = false;
    expect(pieces, accept).toBeGreaterThan(3);
    expect(largest, accept).toBeLessThan(100_000);
    expect(turns, accept).toBeGreaterThanOrEqual(pieces - 2);
  }
  const parsed = JSON.parse(await registry.expose('application/json').text()) as {
    readonly metrics: readonly { readonly series: readonly unknown[] }[];
  };
  expect(parsed.metrics.map(({ series }) => series.length)).toEqual([8000, 500]);
});
