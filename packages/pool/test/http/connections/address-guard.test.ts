import { lookup as systemLookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { describe, expect, it } from 'vitest';
import { createHttpPool, HttpAddressBlockedError } from '../../../src/http.ts';
import { AddressGuard } from '../../../src/http/connections/address-guard.ts';
import { startHttpServer } from '../fixtures/http-server.ts';

/** Names that stand for what the test says. */
function names(addresses: Readonly<Record<string, readonly string[]>>): LookupFunction {
  return (hostname, options, callback) => {
    const found = (addresses[hostname] ?? []).map((address) => ({
      address,
      family: address.includes(':') ? 6 : 4,
    }));
    if (found.length === 0) systemLookup(hostname, options, callback);
    else callback(null, found);
  };
}

describe('an address is let through only when it is public', () => {
  const guard = new AddressGuard([]);

  it.each([
    ['this host', ['127.0.0.1', '127.1.2.3', '::1', '0.0.0.0', '0.1.2.3', '::']],
    [
      'private networks',
      ['10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1', 'fc00::1', 'fd12::1'],
    ],
    ['link-local, with the credentials of clouds', ['169.254.169.254', 'fe80::1', 'fe80::1%eth0']],
    ['carriers’ networks', ['100.64.0.1', '100.127.255.255']],
    ['multicast and broadcast', ['224.0.0.1', '239.1.1.1', '255.255.255.255', 'ff02::1']],
    [
      'reserved and for documentation',
      [
        '192.0.2.1',
        '198.51.100.1',
        '203.0.113.1',
        '240.0.0.1',
        '198.18.0.1',
        '2001:db8::1',
        '192.0.0.1',
      ],
    ],
    [
      'IPv4 within IPv6',
      [
        '::ffff:127.0.0.1',
        '::ffff:7f00:1',
        '::ffff:10.0.0.1',
        '::ffff:a9fe:a9fe',
        '64:ff9b::127.0.0.1',
        '64:ff9b::a00:1',
        '2002:7f00:1::',
        '::ffff:0:127.0.0.1',
        '::127.0.0.1',
      ],
    ],
    ['what is no address', ['', 'localhost', '1.2.3', '300.1.1.1', 'not:an:address']],
  ])('not %s', (_what, addresses) => {
    expect(addresses.filter((address) => guard.allows(address))).toEqual([]);
  });

  it('as these are', () => {
    const open = [
      '1.1.1.1',
      '8.8.8.8',
      '172.32.0.1',
      '100.128.0.1',
      '2606:4700:4700::1111',
      '::ffff:8.8.8.8',
    ];
    expect(open.filter((address) => !guard.allows(address))).toEqual([]);
  });

  it('or named, alone or as a range', () => {
    const some = new AddressGuard(['10.1.0.0/16', '127.0.0.1', 'fd00::/8']);
    const addresses = [
      '10.1.2.3',
      '::ffff:10.1.2.3',
      '10.2.0.1',
      '127.0.0.1',
      '127.0.0.2',
      'fd01::1',
      'fc00::1',
    ];
    expect(addresses.map((address) => some.allows(address))).toEqual([
      true,
      true,
      false,
      true,
      false,
      true,
      false,
    ]);
  });
});

it('a range that is none is refused at construction', () => {
  for (const allow of [['10.0.0.0/33'], ['intranet'], ['']]) {
    expect(() => createHttpPool({ guard: { allow } })).toThrow('httpPool.guard.allow');
  }
});

describe('a guarded pool', () => {
  it.each([
    'http://127.0.0.1:PORT/',
    'http://localhost:PORT/',
    'http://[::ffff:127.0.0.1]:PORT/',
    'http://0x7f.1:PORT/',
    'http://2130706433:PORT/',
    'http://inside.test:PORT/',
    'http://rebound.test:PORT/',
  ])('does not connect to %s', async (form) => {
    await using server = await startHttpServer((_request, response) => response.end('secret'));
    const lookup = names({ 'inside.test': ['127.0.0.1'], 'rebound.test': ['::1', '127.0.0.1'] });
    await using pool = createHttpPool({ guard: true, lookup });
    const error = await pool
      .request(form.replace('PORT', String(server.port)))
      .catch((e: unknown) => e);
    expect(error).toBeInstanceOf(HttpAddressBlockedError);
    expect(error).toMatchObject({ kind: 'blocked', retryable: false });
    expect([server.connections, pool.stats().clients['default']?.retries]).toEqual([0, 0]);
    expect(pool.stats()).toMatchObject({ active: 0, connecting: 0, total: 0 });
  });

  it('looks at the addresses again for each connection: what a name stood for before says nothing', async () => {
    await using server = await startHttpServer((_request, response) => {
      response.writeHead(200, { connection: 'close' }).end('ok');
    });
    const addresses = { 'changing.test': ['127.0.0.1'] };
    await using pool = createHttpPool({
      guard: { allow: ['127.0.0.1'] },
      lookup: (...call) => {
        names(addresses)(...call);
      },
    });
    const url = `http://changing.test:${server.port}/`;
    expect(await (await pool.request(url)).text()).toBe('ok');
    addresses['changing.test'] = ['127.0.0.2'];
    await expect(pool.request(url)).rejects.toMatchObject({ address: '127.0.0.2' });
    expect(server.connections).toBe(1);
  });

  it('uses, of several addresses, those that may be', async () => {
    await using server = await startHttpServer((_request, response) => response.end('ok'));
    const lookup = names({ 'mixed.test': ['127.0.0.2', '10.0.0.1', '127.0.0.1'] });
    await using pool = createHttpPool({ guard: { allow: ['127.0.0.1'] }, lookup });
    expect((await pool.request(`http://mixed.test:${server.port}/`)).status).toBe(200);
  });

  it('follows no redirect to where it may not connect', async () => {
    await using inside = await startHttpServer((_request, response) => response.end('secret'));
    await using outside = await startHttpServer((request, response) => {
      const to =
        request.url === '/name'
          ? `http://inside.test:${inside.port}/`
          : `http://127.0.0.2:${inside.port}/`;
      response.writeHead(302, { location: to }).end();
    });
    const lookup = names({ 'inside.test': ['127.0.0.2'] });
    await using pool = createHttpPool({ guard: { allow: ['127.0.0.1'] }, lookup });
    for (const path of ['/name', '/address']) {
      await expect(pool.request(outside.origin + path)).rejects.toMatchObject({ kind: 'blocked' });
    }
    expect(inside.connections).toBe(0);
  });
});

it('a name that does not exist is an error of names, and not asked for again', async () => {
  const missing = Object.assign(new Error('getaddrinfo ENOTFOUND missing.test'), {
    code: 'ENOTFOUND',
    syscall: 'getaddrinfo',
  });
  for (const guard of [true, false]) {
    await using pool = createHttpPool({
      guard,
      lookup: (_hostname, _options, callback) => {
        callback(missing, []);
      },
    });
    await expect(pool.request('http://missing.test/')).rejects.toMatchObject({
      kind: 'dns',
      retryable: false,
      cause: { code: 'ENOTFOUND' },
    });
  }
});
