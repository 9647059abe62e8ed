import { request as httpRequest } from 'node:http';
import { afterEach, expect, test, vi } from 'vitest';
import { HttpError } from '../../src/http/http-error.ts';
import { readJson } from '../../src/http/read-json.ts';
import { Router } from '../../src/http/router.ts';
import type { Handler } from '../../src/http/routes.ts';
import { serve, type HttpServer } from '../../src/http/server.ts';

const onError = vi.fn<(error: unknown) => void>();
let server: HttpServer | undefined;
afterEach(async () => {
  await server?.close();
  onError.mockClear();
});

const routes = new Router<Handler>()
  .on('GET', '/echo/:word', async ({ parameters, query, freshness }) => ({
    body: { ...parameters, query: query.toString(), freshness },
    tier: 'memory',
  }))
  .on('POST', '/json', async ({ request }) => ({ status: 201, body: await readJson(request) }))
  .on('GET', '/refused', async () => {
    throw new HttpError(409, 'no', 'not so', { 'x-why': 'because' });
  })
  .on('GET', '/broken', async () => {
    throw new Error('secret detail');
  });

test('a reply is JSON with its tier, and no-cache is read from the request', async () => {
  const origin = await start();
  const response = await fetch(`${origin}/echo/a?b=c`, {
    headers: { 'cache-control': 'no-cache' },
  });
  expect(response.headers.get('x-cache')).toBe('memory');
  expect(response.headers.get('content-type')).toMatch(/^application\/json/);
  expect(await response.json()).toEqual({ word: 'a', query: 'b=c', freshness: 'fresh' });
});

test('an HttpError is shown; any other is 500 without detail, and told to the owner', async () => {
  const origin = await start();
  const refused = await fetch(`${origin}/refused`);
  expect(refused.status).toBe(409);
  expect(refused.headers.get('x-why')).toBe('because');
  expect(await refused.json()).toEqual({ error: { code: 'no', message: 'not so' } });
  expect(onError).not.toHaveBeenCalled();
  const broken = await fetch(`${origin}/broken`);
  expect(broken.status).toBe(500);
  expect(await broken.text()).not.toContain('secret');
  expect(onError).toHaveBeenCalledOnce();
});

test.each([
  [201, '{"a":1}', 'application/json'],
  [201, '{"a":1}', 'application/json; charset=utf-8'],
  [400, '{"a":', 'application/json'],
  [400, '', 'application/json'],
  [413, `"${'x'.repeat(2000)}"`, 'application/json'],
  [415, '{"a":1}', 'text/plain'],
  [415, '{"a":1}', 'application/jsonx'],
])('status %d answers a body %j of type %s', async (status, body, type) => {
  const origin = await start();
  const headers = { 'content-type': type };
  const response = await fetch(`${origin}/json`, { method: 'POST', body, headers });
  expect(response.status).toBe(status);
});

test('a request target that is no path is 400', async () => {
  const origin = await start();
  const status = await new Promise((resolve, reject) => {
    httpRequest(origin, { path: '*' }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on('error', reject)
      .end();
  });
  expect(status).toBe(400);
});

test('a port that is taken rejects', async () => {
  const origin = await start();
  await expect(serve(routes, Number(new URL(origin).port), onError)).rejects.toThrow(/EADDRINUSE/);
});

test('after close nobody is answered; closing twice is one close', async () => {
  const origin = await start();
  await fetch(`${origin}/echo/a`);
  await Promise.all([server?.close(), server?.close()]);
  await expect(fetch(`${origin}/echo/a`)).rejects.toThrow(/fetch failed/);
});

async function start(): Promise<string> {
  server = await serve(routes, 0, onError);
  return server.origin;
}
