import { ManualClock } from '@perf/core/testing';
import { PassThrough, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, it, vi } from 'vitest';
import {
  createHttpPool,
  HttpBodyUsedError,
  HttpDecodeError,
  HttpResponseTooLargeError,
} from '../../../src/http.ts';
import { startHttpServer, startTcpServer } from '../fixtures/http-server.ts';
import { WAIT } from '../fixtures/passing-time.ts';

/** A million zeroes, compressed to a thousandth. */
const BOMB = Buffer.alloc(1_000_000);

describe('a body is had once', () => {
  it('as text, JSON, bytes or a stream', async () => {
    await using server = await startHttpServer((_request, response) => {
      response.end('\uFEFF{"a":"ä"}');
    });
    await using pool = createHttpPool();
    const ask = async () => pool.request(server.origin);
    expect(await (await ask()).text()).toBe('{"a":"ä"}');
    expect(await (await ask()).json()).toEqual({ a: 'ä' });
    expect((await (await ask()).bytes()).length).toBe(13);
    const pieces = await (await ask()).stream().toArray();
    expect(Buffer.concat(pieces as Buffer[]).length).toBe(13);
  });

  it('and refused the second time', async () => {
    await using server = await startHttpServer((_request, response) => {
      response.end('once');
    });
    await using pool = createHttpPool();
    const response = await pool.request(server.origin);
    expect([response.bodyUsed, await response.text(), response.bodyUsed]).toEqual([
      false,
      'once',
      true,
    ]);
    await expect(response.text()).rejects.toBeInstanceOf(HttpBodyUsedError);
    expect(() => response.stream()).toThrow(HttpBodyUsedError);
    response.discard();
    const kept = await pool.request(server.origin, { buffered: true });
    expect(await kept.text()).toBe('once');
    await expect(kept.json()).rejects.toBeInstanceOf(HttpBodyUsedError);
  });

  it('what is no JSON is an error that shows nothing of it', async () => {
    await using server = await startHttpServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/html' }).end('<p>password: hunter2');
    });
    await using pool = createHttpPool();
    const error: unknown = await (
      await pool.request(server.origin)
    )
      .json()
      .catch((e: unknown) => e);
    expect(error).toBeInstanceOf(HttpDecodeError);
    expect(JSON.stringify([String(error), (error as Error).cause])).not.toContain('hunter2');
    expect(String(error)).toContain('text/html');
  });
});

describe('no connection is lost', () => {
  it('to small bodies that nobody reads: they come to their end by themselves', async () => {
    await using server = await startHttpServer((_request, response) => {
      response.end(Buffer.alloc(20_000));
    });
    await using pool = createHttpPool({ maxPerOrigin: 2 });
    await Promise.all(Array.from({ length: 100 }, () => pool.request(server.origin)));
    await vi.waitFor(() => {
      expect(pool.stats()).toMatchObject({ active: 0, acquired: 100, released: 100 });
    }, WAIT);
    expect(server.connections).toBe(2);
  });

  it('to a body that is discarded: a short rest is read, a long one ends the connection', async () => {
    await using server = await startHttpServer((request, response) => {
      response.end(Buffer.alloc(request.url === '/long' ? 1_000_000 : 100_000));
    });
    await using pool = createHttpPool();
    for (const path of ['/short', '/short', '/long', '/short']) {
      const response = await pool.request(server.origin + path);
      response.discard();
      response.discard();
      await vi.waitFor(() => {
        expect(pool.stats().active).toBe(0);
      }, WAIT);
    }
    expect(server.connections).toBe(2);
    expect(pool.stats().destroyed.discarded).toBe(1);
  });

  it('to an endless body that is discarded', async () => {
    await using server = await startHttpServer((_request, response) => {
      void pipeline(Readable.from(endless()), response).catch(() => undefined);
    });
    await using pool = createHttpPool();
    (await pool.request(server.origin)).discard();
    await vi.waitFor(() => {
      expect([pool.stats().active, server.sockets.size]).toEqual([0, 0]);
    }, WAIT);
  });

  it('to a stream that its reader leaves in the middle', async () => {
    await using server = await startHttpServer((_request, response) => {
      void pipeline(Readable.from(endless()), response).catch(() => undefined);
    });
    await using pool = createHttpPool({ maxResponseSize: Infinity });
    const response = await pool.request(server.origin);
    for await (const piece of response.stream()) {
      expect((piece as Buffer).length).toBeGreaterThan(0);
      break;
    }
    await vi.waitFor(() => {
      expect([pool.stats().active, server.sockets.size]).toEqual([0, 0]);
    }, WAIT);
  });

  it('to responses without a body', async () => {
    await using server = await startHttpServer((request, response) => {
      response.writeHead(request.method === 'HEAD' ? 200 : 204, { 'content-encoding': 'gzip' });
      response.end();
    });
    await using pool = createHttpPool();
    const head = await pool.request(server.origin, { method: 'HEAD' });
    const get = await pool.request(server.origin);
    expect([head.status, await head.text(), get.status, await get.text()]).toEqual([
      200,
      '',
      204,
      '',
    ]);
    expect(pool.stats().active).toBe(0);
  });
});

describe('a body is bounded', () => {
  it('by what it says of itself, before any of it has come', async () => {
    await using server = await startHttpServer((_request, response) => {
      response.writeHead(200, { 'content-length': '10485761' }).flushHeaders();
    });
    await using pool = createHttpPool();
    const error = await pool.request(server.origin).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(HttpResponseTooLargeError);
    expect(error).toMatchObject({ maxResponseSize: 10_485_760, retryable: false });
    expect(pool.stats()).toMatchObject({ active: 0, total: 0 });
  });

  it.each(['text', 'stream', 'ignored'] as const)('when it never ends, %s', async (use) => {
    let sent = 0;
    await using server = await startHttpServer((_request, response) => {
      void pipeline(
        Readable.from(endless()).on('data', (chunk: Buffer) => {
          sent += chunk.length;
        }),
        response,
      ).catch(() => undefined);
    });
    const clock = new ManualClock();
    await using pool = createHttpPool({ maxResponseSize: '1mb', clock });
    const response = await pool.request(server.origin);
    if (use === 'text') {
      await expect(response.text()).rejects.toBeInstanceOf(HttpResponseTooLargeError);
    } else if (use === 'stream') {
      const all = response.stream().toArray();
      await expect(all).rejects.toBeInstanceOf(HttpResponseTooLargeError);
    } else {
      await clock.advanceAsync(60_000);
    }
    await vi.waitFor(() => {
      expect([pool.stats().active, server.sockets.size]).toEqual([0, 0]);
    }, WAIT);
    // What lies in the buffers of both ends comes on top.
    expect(sent).toBeLessThan(20_000_000);
  });

  it.each([
    ['gzip', gzipSync(BOMB)],
    ['br', brotliCompressSync(BOMB)],
    ['deflate', deflateSync(BOMB)],
    ['gzip, gzip', gzipSync(gzipSync(BOMB))],
  ])('after decompression: a bomb of %s', async (coding, bomb) => {
    expect(bomb.length).toBeLessThan(10_000);
    await using server = await startHttpServer((_request, response) => {
      response.writeHead(200, { 'content-encoding': coding }).end(bomb);
    });
    await using pool = createHttpPool({ maxResponseSize: '100kb' });
    const text = (await pool.request(server.origin)).text();
    await expect(text).rejects.toBeInstanceOf(HttpResponseTooLargeError);
    const pieces = (await pool.request(server.origin)).stream().toArray();
    await expect(pieces).rejects.toBeInstanceOf(HttpResponseTooLargeError);
    expect(pool.stats().active).toBe(0);
    await using generous = createHttpPool({ maxResponseSize: BOMB.length });
    const bytes = await (await generous.request(server.origin)).bytes();
    expect(BOMB.equals(bytes)).toBe(true);
    const streamed = await (await generous.request(server.origin)).stream().toArray();
    expect(BOMB.equals(Buffer.concat(streamed as Buffer[]))).toBe(true);
  });
});

describe('compression', () => {
  it('is asked for and undone, and the headers that told of it are gone', async () => {
    await using server = await startHttpServer((request, response) => {
      expect(request.headers['accept-encoding']).toBe('gzip, br');
      response.writeHead(200, { 'content-encoding': 'GZIP' }).end(gzipSync('hello'));
    });
    await using pool = createHttpPool();
    const response = await pool.request(server.origin);
    expect(response.headers).not.toHaveProperty('content-encoding');
    expect(response.headers).not.toHaveProperty('content-length');
    expect(await response.text()).toBe('hello');
  });

  it('is left alone with decompress: false, and where the coding is unknown', async () => {
    await using server = await startHttpServer((request, response) => {
      const coding = request.url === '/unknown' ? 'snappy' : 'gzip';
      response.writeHead(200, { 'content-encoding': coding }).end(gzipSync('hello'));
    });
    await using pool = createHttpPool({ decompress: false });
    await using decompressing = createHttpPool();
    for (const response of [
      await pool.request(server.origin),
      await decompressing.request(`${server.origin}/unknown`),
    ]) {
      expect(response.headers).toHaveProperty('content-encoding');
      expect(gzipSync('hello').equals(await response.bytes())).toBe(true);
    }
  });

  it('that is damaged or cut off is an error', async () => {
    const whole = gzipSync('hello hello hello');
    await using server = await startHttpServer((request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' });
      response.end(request.url === '/cut' ? whole.subarray(0, -10) : Buffer.from('no gzip at all'));
    });
    await using pool = createHttpPool();
    for (const path of ['/cut', '/damaged']) {
      const url = server.origin + path;
      await expect((await pool.request(url)).text()).rejects.toBeInstanceOf(HttpDecodeError);
      const pieces = (await pool.request(url)).stream().toArray();
      await expect(pieces).rejects.toBeInstanceOf(HttpDecodeError);
    }
    expect(pool.stats().active).toBe(0);
  });
});

describe('a body that breaks off', () => {
  it.each([
    ['a length', 'content-length: 10\r\n\r\nfive!'],
    ['chunks', 'transfer-encoding: chunked\r\n\r\n5\r\nfive!\r\n'],
  ])('though it has %s is an error, not a shorter body', async (_what, rest) => {
    await using server = await startTcpServer((socket) => {
      socket.once('data', () => socket.end(`HTTP/1.1 200 OK\r\n${rest}`));
    });
    await using pool = createHttpPool();
    await expect((await pool.request(server.origin)).text()).rejects.toMatchObject({
      kind: 'reset',
    });
    const pieces = (await pool.request(server.origin)).stream().toArray();
    await expect(pieces).rejects.toMatchObject({ kind: 'reset' });
    expect(pool.stats().clients['default']?.bodyErrors.reset).toBe(2);
    expect(pool.stats()).toMatchObject({ active: 0, total: 0 });
  });
});

it('what does not speak HTTP is a protocol error, and not asked again', async () => {
  await using server = await startTcpServer((socket) => {
    socket.once('data', () => socket.end('220 mail.example.com ESMTP\r\n'));
  });
  await using pool = createHttpPool();
  await expect(pool.request(server.origin)).rejects.toMatchObject({
    kind: 'protocol',
    code: 'PERF_HTTP_PROTOCOL',
  });
  expect(pool.stats().clients['default']?.retries).toBe(0);
});

it('headers beyond maxHeaderSize are refused', async () => {
  await using server = await startHttpServer((_request, response) => {
    response.writeHead(200, { 'x-large': 'x'.repeat(5000) }).end();
  });
  await using pool = createHttpPool({ maxHeaderSize: '4kb' });
  await expect(pool.request(server.origin)).rejects.toMatchObject({ kind: 'protocol' });
});

it('a stream is read at its reader’s pace: what nobody takes is not sent', async () => {
  let sent = 0;
  await using server = await startHttpServer((_request, response) => {
    void pipeline(
      Readable.from(endless()).on('data', (chunk: Buffer) => {
        sent += chunk.length;
      }),
      response,
    ).catch(() => undefined);
  });
  await using pool = createHttpPool({ maxResponseSize: Infinity });
  const stream = (await pool.request(server.origin)).stream();
  let read = 0;
  for await (const piece of stream) {
    read += (piece as Buffer).length;
    if (read > 5_000_000) break;
  }
  expect(sent - read).toBeLessThan(20_000_000);
});

it('a body of any kind arrives as it is', async () => {
  await using server = await startHttpServer((request, response) => {
    const type = request.headers['content-type'] ?? 'none';
    response.setHeader('x-type', type);
    request.pipe(response);
  });
  await using pool = createHttpPool();
  const sent = [
    ['text', { body: 'text' }, 'text/plain;charset=UTF-8'],
    ['{"a":1}', { json: { a: 1 } }, 'application/json'],
    ['null', { json: null }, 'application/json'],
    [
      'a=1&b=+',
      { body: new URLSearchParams({ a: '1', b: ' ' }) },
      'application/x-www-form-urlencoded;charset=UTF-8',
    ],
    ['bytes', { body: new TextEncoder().encode('bytes') }, 'none'],
    ['stream', { body: Readable.from(['str', 'eam']) }, 'none'],
    ['pieces', { body: pieces() }, 'none'],
    ['own', { body: 'own', headers: { 'Content-Type': 'text/csv' } }, 'text/csv'],
  ] as const;
  for (const [expected, options, type] of sent) {
    const response = await pool.request(server.origin, options);
    expect([await response.text(), response.headers['x-type']]).toEqual([expected, type]);
  }
  async function* pieces(): AsyncGenerator<Uint8Array, void, undefined> {
    yield new TextEncoder().encode('pie');
    yield new TextEncoder().encode('ces');
  }
});

it('a body goes on being sent when the response has begun', async () => {
  await using server = await startHttpServer((request, response) => {
    response.flushHeaders();
    request.pipe(response);
  });
  await using pool = createHttpPool();
  const body = new PassThrough();
  body.write('question ');
  const response = await pool.request(server.origin, { body });
  expect(body.destroyed).toBe(false);
  body.end('and answer');
  expect(await response.text()).toBe('question and answer');
});

it('a body that fails while it is sent is the request’s failure', async () => {
  let received = 0;
  await using server = await startHttpServer((request) => {
    request.on('data', (chunk: Buffer) => {
      received += chunk.length;
    });
  });
  await using pool = createHttpPool();
  const body = new PassThrough();
  body.write('begin');
  const request = pool.request(server.origin, { body });
  await vi.waitFor(() => {
    expect(received).toBe(5);
  }, WAIT);
  const trouble = new Error('the disk is gone');
  body.destroy(trouble);
  await expect(request).rejects.toMatchObject({ kind: 'requestBody', cause: trouble });
  expect(pool.stats()).toMatchObject({ active: 0, total: 0 });
});

function* endless(): Generator<Buffer, void, undefined> {
  for (;;) yield Buffer.alloc(65_536, 'x');
}
