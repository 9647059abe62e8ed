import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { createHttpPool, HttpRedirectError } from '../../../src/http.ts';
import { startHttpServer } from '../fixtures/http-server.ts';

/** Answers with what it was asked, and redirects `/redirect?status=…&to=…`. */
function startEcho() {
  return startHttpServer((request, response) => {
    const { searchParams, pathname } = new URL(request.url ?? '', 'http://x');
    if (pathname === '/redirect') {
      response.writeHead(Number(searchParams.get('status') ?? 302), {
        location: searchParams.get('to') ?? '/echo',
      });
      response.end('x'.repeat(1000));
      return;
    }
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      const { method, headers } = request;
      response.end(JSON.stringify({ method, path: request.url, headers, body }));
    });
  });
}

interface Echo {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

describe('a redirect is followed', () => {
  it.each([
    [301, 'GET', 'GET'],
    [302, 'HEAD', 'HEAD'],
    [301, 'POST', 'GET'],
    [302, 'POST', 'GET'],
    [302, 'PUT', 'PUT'],
    [303, 'POST', 'GET'],
    [303, 'PUT', 'GET'],
    [303, 'HEAD', 'HEAD'],
    [307, 'POST', 'POST'],
    [308, 'PATCH', 'PATCH'],
  ])('%i: %s becomes %s', async (status, method, then) => {
    await using server = await startEcho();
    await using pool = createHttpPool();
    const hasBody = !['GET', 'HEAD'].includes(method);
    const response = await pool.request(`${server.origin}/redirect?status=${status}`, {
      method,
      ...(hasBody ? { json: { a: 1 } } : {}),
    });
    expect([response.status, response.url]).toEqual([200, `${server.origin}/echo`]);
    if (method === 'HEAD') return;
    const echo = (await response.json()) as Echo;
    const keepsBody = hasBody && then === method;
    expect([echo.method, echo.body, echo.headers['content-type']]).toEqual([
      then,
      keepsBody ? '{"a":1}' : '',
      keepsBody ? 'application/json' : undefined,
    ]);
    expect(pool.stats().clients['default']).toMatchObject({ requests: 1, redirects: 1 });
    expect(pool.stats().active).toBe(0);
  });

  it('not more often than maxRedirects', async () => {
    await using server = await startHttpServer((_request, response) => {
      response.writeHead(302, { location: '/again' }).end();
    });
    await using pool = createHttpPool();
    await expect(pool.request(server.origin)).rejects.toBeInstanceOf(HttpRedirectError);
    expect(pool.stats()).toMatchObject({ acquired: 6, released: 6 });
  });

  it('not at all with maxRedirects: 0: it is the response', async () => {
    await using server = await startEcho();
    await using pool = createHttpPool({ maxRedirects: 0 });
    const response = await pool.request(`${server.origin}/redirect`);
    expect([response.status, response.headers['location']]).toEqual([302, '/echo']);
    response.discard();
  });

  it.each(['file:///etc/passwd', 'javascript:alert(1)', 'http://', 'ftp://x/'])(
    'not to %s',
    async (to) => {
      await using server = await startEcho();
      await using pool = createHttpPool();
      const error = await pool
        .request(`${server.origin}/redirect`, { query: { to } })
        .catch((e: unknown) => e);
      expect(error).toBeInstanceOf(HttpRedirectError);
      expect(pool.stats().active).toBe(0);
    },
  );

  it('not with a body that was a stream', async () => {
    await using server = await startEcho();
    await using pool = createHttpPool();
    const body = Readable.from(['once']);
    const request = pool.request(`${server.origin}/redirect?status=307`, { body });
    await expect(request).rejects.toMatchObject({ kind: 'redirect' });
  });
});

describe('what goes along', () => {
  const headers = {
    authorization: 'Bearer secret',
    cookie: 'session=secret',
    'x-api-key': 'secret',
    accept: 'text/plain',
  };

  it('to the same origin: all', async () => {
    await using server = await startEcho();
    await using pool = createHttpPool();
    const response = await pool.request(`${server.origin}/redirect`, { headers });
    expect(((await response.json()) as Echo).headers).toMatchObject(headers);
  });

  it('to another origin: no header that may be a secret, of the request or of the client', async () => {
    await using other = await startEcho();
    await using server = await startEcho();
    await using pool = createHttpPool();
    const client = pool.client('secretive', {
      baseUrl: server.origin,
      headers: { authorization: 'Bearer secret', 'x-tenant': 'secret' },
    });
    const response = await client.request('/redirect', {
      headers,
      query: { to: `${other.origin}/echo` },
    });
    const echo = (await response.json()) as Echo;
    expect(JSON.stringify(echo.headers)).not.toContain('secret');
    expect(echo.headers['accept']).toBe('text/plain');
    expect(echo.headers['host']).toBe(`127.0.0.1:${other.port}`);
  });

  it('nor on the way back, once they were dropped', async () => {
    await using server = await startEcho();
    await using other = await startEcho();
    await using pool = createHttpPool();
    const back = `${other.origin}/redirect?to=${encodeURIComponent(`${server.origin}/echo`)}`;
    const response = await pool.request(`${server.origin}/redirect`, {
      headers,
      query: { to: back },
    });
    expect(JSON.stringify(((await response.json()) as Echo).headers)).not.toContain('secret');
  });
});
