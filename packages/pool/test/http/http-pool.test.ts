import { expect, it } from 'vitest';
import { createHttpPool } from '../../src/http.ts';
import { startHttpServer } from './fixtures/http-server.ts';

it('a request gives status, headers and body, and one after the other takes one connection', async () => {
  await using server = await startHttpServer((request, response) => {
    response.setHeader('x-path', request.url ?? '');
    response.end(JSON.stringify({ method: request.method }));
  });
  await using pool = createHttpPool();
  const client = pool.client('api', { baseUrl: server.origin });
  for (let n = 0; n < 5; n++) {
    const response = await client.request(`/things/${n}?a=1`);
    expect([response.status, response.ok, response.headers['x-path']]).toEqual([
      200,
      true,
      `/things/${n}?a=1`,
    ]);
    expect(await response.json()).toEqual({ method: 'GET' });
  }
  expect(server.connections).toBe(1);
  await pool.drain();
  expect(pool.stats()).toMatchObject({
    active: 0,
    waiting: 0,
    connecting: 0,
    acquired: 5,
    released: 5,
    created: 1,
    total: 0,
  });
  expect(pool.stats().destroyed).toMatchObject({ closed: 1 });
});
