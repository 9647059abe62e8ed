import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { LoadClient } from '../../src/load/load-client.ts';
import { OrderRunner } from '../../src/load/orders.ts';

type Responder = (path: string, fresh: boolean) => { status?: number; body: string };

let server: Server | undefined;
let client: LoadClient | undefined;
afterEach(async () => {
  await client?.close();
  await new Promise((resolve) => {
    if (server === undefined) resolve(undefined);
    else server.close(resolve);
  });
});

test('a stream whose answers are always the same has no fault, and counts tiers and latencies', async () => {
  const runner = await runnerAgainst((path) => ({ body: path }));
  const outcome = await runner.run(
    { kind: 'stream', stream: Uint32Array.of(0, 1, 0, 0), fresh: false },
    () => undefined,
  );
  expect(outcome).toMatchObject({ faultCount: 0, faults: [], tiers: { memory: 4 } });
  expect(outcome.latencies.every((latency) => latency > 0)).toBe(true);
});

test('an answer that differs from an earlier one, in whatever order, is a fault with both', async () => {
  let calls = 0;
  const runner = await runnerAgainst(() => ({ body: ++calls === 3 ? 'other' : 'same' }));
  const order = { kind: 'stream', stream: Uint32Array.of(0, 0), fresh: true } as const;
  expect(await runner.run(order, () => undefined)).toMatchObject({ faultCount: 0 });
  expect(await runner.run({ ...order, fresh: false }, () => undefined)).toMatchObject({
    faultCount: 1,
    faults: [{ path: '/a', expected: 'same', received: 'other' }],
  });
});

test('a remembered answer that is not the database’s is a fault', async () => {
  const runner = await runnerAgainst((path, fresh) => ({
    body: fresh && path === '/b' ? 'truth' : 'cached',
  }));
  const stream = Uint32Array.of(1, 1);
  await runner.run({ kind: 'stream', stream, fresh: false }, () => undefined);
  const check = await runner.run({ kind: 'check', stream, what: 'remembered' }, () => undefined);
  expect(check.faults).toEqual([{ path: '/b', expected: 'truth', received: 'cached' }]);
});

test('a check of the present asks the cache again', async () => {
  let cached = 'old';
  const runner = await runnerAgainst((_, fresh) => ({ body: fresh ? 'new' : cached }));
  const stream = Uint32Array.of(0);
  await runner.run({ kind: 'stream', stream, fresh: false }, () => undefined);
  cached = 'new';
  const order = { kind: 'check', stream, what: 'present' } as const;
  expect(await runner.run(order, () => undefined)).toMatchObject({ faultCount: 0 });
  cached = 'old';
  expect(await runner.run(order, () => undefined)).toMatchObject({ faultCount: 1 });
});

test('an answer other than 200 is a fault', async () => {
  const runner = await runnerAgainst(() => ({ status: 500, body: 'no' }));
  const outcome = await runner.run(
    { kind: 'stream', stream: Uint32Array.of(0), fresh: false },
    () => undefined,
  );
  expect(outcome.faults).toEqual([
    { path: '/a', expected: 'status 200', received: 'status 500: no' },
  ]);
});

test('a reader that gets less than was acknowledged before it asked has found a stale answer', async () => {
  const update = { kind: 'update', cities: [{ id: 1, population: 10 }], rounds: 3 } as const;
  const honest = await runnerAgainst(() => ({ body: '{"population":1000}' }));
  expect(await honest.run(update, () => undefined)).toMatchObject({ faultCount: 0 });
  await client?.close();
  server?.close();
  const stale = await runnerAgainst(() => ({ body: '{"population":10}' }));
  const outcome = await stale.run(update, () => undefined);
  expect(outcome.faultCount).toBeGreaterThan(0);
  expect(outcome.faults[0]).toMatchObject({ expected: 'a population of at least 11' });
});

test('no more requests are under way than the concurrency allows', async () => {
  let active = 0;
  let most = 0;
  const fake = new LoadClient('http://127.0.0.1:1', 3);
  client = fake;
  await fake.run(
    50,
    async () => {
      most = Math.max(most, ++active);
      await new Promise((resolve) => {
        setImmediate(resolve);
      });
      active--;
    },
    () => undefined,
  );
  expect(most).toBe(3);
});

async function runnerAgainst(respond: Responder): Promise<OrderRunner> {
  const started = createServer((request, response) => {
    const fresh = request.headers['cache-control'] === 'no-cache';
    const { status = 200, body } = respond(request.url ?? '', fresh);
    response.writeHead(status, { 'x-cache': fresh ? 'database' : 'memory' }).end(body);
  });
  server = started;
  await new Promise<void>((resolve) => {
    started.listen(0, '127.0.0.1', resolve);
  });
  client = new LoadClient(`http://127.0.0.1:${(started.address() as AddressInfo).port}`, 2);
  return new OrderRunner(client, ['/a', '/b']);
}
