import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test, vi } from 'vitest';
import {
  prometheusIsMissing,
  runPromtool,
  startPrometheus,
  type PrometheusServer,
} from '../../src/index.ts';
import { processesIn } from '../fixtures/processes.ts';

const missing = await prometheusIsMissing();
if (missing !== undefined) {
  console.warn(`\n*** the tests of Prometheus are SKIPPED: ${missing}\n`);
}

const servers: Server[] = [];
const started: PrometheusServer[] = [];
afterEach(async () => {
  await Promise.all(started.splice(0).map((server) => server.stop()));
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function serve(body: string): Promise<string> {
  const server = createServer((_request, response) => response.end(body));
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`;
}

describe.skipIf(missing)('a Prometheus server', () => {
  test('scrapes what it is given and answers queries; stop leaves no process', async () => {
    const app = await serve('answer 42\n');
    const broken = await serve('not { a metric\n');
    const prometheus = await startPrometheus({ targets: { app, broken }, scrapeInterval: 500 });
    started.push(prometheus);
    const { folder } = prometheus.process;
    await vi.waitFor(
      async () => {
        expect(await prometheus.query('answer')).toEqual([
          { metric: expect.objectContaining({ __name__: 'answer', job: 'app' }), value: 42 },
        ]);
        expect(await prometheus.targets()).toEqual([
          { job: 'app', health: 'up', lastError: '' },
          { job: 'broken', health: 'down', lastError: expect.stringContaining('expected') },
        ]);
      },
      { timeout: 30_000, interval: 200 },
    );
    await expect(prometheus.query('answer{')).rejects.toThrow(/refused query/);
    await prometheus.stop();
    expect(processesIn(folder)).toEqual([]);
  });

  test('promtool says what it thinks of metrics', async () => {
    expect(
      await runPromtool(
        ['check', 'metrics'],
        '# HELP a_total Of a.\n# TYPE a_total counter\na_total 1\n',
      ),
    ).toEqual({ accepted: true, output: '' });
    const refused = await runPromtool(['check', 'metrics'], 'a{ 1\n');
    expect(refused.accepted).toBe(false);
    expect(refused.output).toMatch(/parsing/);
  });
});
