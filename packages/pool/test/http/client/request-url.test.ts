import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { createHttpPool, HttpInvalidRequestError } from '../../../src/http.ts';
import { Addressing } from '../../../src/http/client/request-url.ts';
import { startHttpServer } from '../fixtures/http-server.ts';

const TARGET = { client: 'c', method: 'GET', origin: '' };

describe('with a baseUrl', () => {
  const addressing = new Addressing(new URL('https://api.example.com/v1/'));
  const resolve = (url: string | URL, query?: Readonly<Record<string, string>>) => {
    const { origin, path } = addressing.resolve(url, query, TARGET);
    return origin + path;
  };

  it.each([
    ['/users/42', '/users/42'],
    ['/users?a=1&b=2', '/users?a=1&b=2'],
    ['/a b', '/a%20b'],
    ['/ä', '/%C3%A4'],
    ['/a/./b', '/a/b'],
    ['/a/../b', '/b'],
    ['/file.txt', '/file.txt'],
    ['?a=1', '?a=1'],
    ['/a#fragment', '/a'],
    ['//evil.example.com/x', '//evil.example.com/x'],
    ['https://api.example.com/v1/x', '/x'],
  ])('%s is below it', (url, path) => {
    expect(resolve(url)).toBe(`https://api.example.com/v1${path}`);
  });

  it('a query is added to the one that is there', () => {
    expect(resolve('/x?a=1', { b: 'ä&' })).toBe('https://api.example.com/v1/x?a=1&b=%C3%A4%26');
  });

  it.each([
    'https://evil.example.com/v1/x',
    'http://api.example.com/v1/x',
    'https://api.example.com:8443/v1/x',
    'https://api.example.com/v2',
    'https://api.example.com/v10',
    '/../v2',
    '/%2e%2e/v2',
    '/a/..\\..\\..\\v2',
    'users',
    '',
    'file:///etc/passwd',
    'https://user:secret@api.example.com/v1/x',
  ])('%s goes nowhere: the headers of the client are for below it', (url) => {
    expect(() => resolve(url)).toThrow(HttpInvalidRequestError);
  });
});

it('without one, URLs are absolute, of http or https', () => {
  const addressing = new Addressing(undefined);
  const { origin, path } = addressing.resolve(new URL('http://x.test:80/a?b'), undefined, TARGET);
  expect([origin, path]).toEqual(['http://x.test', '/a?b']);
  for (const url of ['/path', 'x.test', 'ftp://x.test/', 'http://', 'http://u:p@x.test/']) {
    expect(() => addressing.resolve(url, undefined, TARGET)).toThrow(HttpInvalidRequestError);
  }
});

it('no error shows a path, a query, a password or a header', async () => {
  await using server = await startHttpServer((request, response) => {
    if (request.url?.startsWith('/reset') === true) request.socket.resetAndDestroy();
    else response.writeHead(200, { 'content-length': '999999999' }).flushHeaders();
  });
  await using pool = createHttpPool({ retry: false });
  const headers = { authorization: 'Bearer hunter2', 'x-bad': 'hunter2\r\nx: y' };
  const good = { authorization: 'Bearer hunter2' };
  const closed = 'http://127.0.0.1:1/hunter2?token=hunter2';
  const attempts: [string, object][] = [
    [`${server.origin}/reset/hunter2?token=hunter2`, { headers: good }],
    [`${server.origin}/large/hunter2?token=hunter2`, { headers: good }],
    [`${server.origin}/?token=hunter2`, { headers }],
    ['http://user:hunter2@127.0.0.1/', {}],
    ['hunter2', {}],
    ['http://hunter2:hunter2:hunter2/?hunter2', {}],
    [closed, { headers: good }],
    [closed, { method: 'HUNTER 2', headers: good }],
    [closed, { query: { token: 'hunter2' }, timeouts: { connect: 0 } }],
  ];
  for (const [url, options] of attempts) {
    const error: unknown = await pool.request(url, options).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(Error);
    expect(inspect(error, { depth: 10, showHidden: true })).not.toContain('hunter2');
  }
});
