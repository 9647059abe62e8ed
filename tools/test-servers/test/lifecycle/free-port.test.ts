import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { freePort } from '../../src/lifecycle/free-port.ts';

test('the port can be bound on loopback', async () => {
  const port = await freePort();
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  expect(server.address()).toMatchObject({ address: '127.0.0.1', port });
  await new Promise((resolve) => {
    server.close(resolve);
  });
});

test('the port, and the one 10000 above, are none that outgoing connections are given', async () => {
  const port = await freePort();
  expect(port).toBeGreaterThanOrEqual(10_000);
  expect(port + 10_000).toBeLessThan(32_768);
});
