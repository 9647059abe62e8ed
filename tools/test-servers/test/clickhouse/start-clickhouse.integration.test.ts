import { existsSync, readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { createClient, type ClickHouseClient } from '@clickhouse/client';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import {
  startClickHouse,
  type ClickHouseServer,
  type StartClickHouseOptions,
} from '../../src/index.ts';
import { freePort } from '../../src/lifecycle/free-port.ts';
import { clickHouseMissing } from '../fixtures/clickhouse.ts';
import { processesIn, statesIn } from '../fixtures/processes.ts';

const clients: ClickHouseClient[] = [];
const connect = (server: ClickHouseServer, options: object = {}): ClickHouseClient => {
  const client = createClient({ url: server.url, log: { level: 127 }, ...options });
  clients.push(client);
  return client;
};
afterEach(async () => {
  for (const client of clients.splice(0)) await client.close();
});
// No address from outside: these are tests of starting a server.
const start = (options: StartClickHouseOptions = {}): Promise<ClickHouseServer> =>
  startClickHouse({ env: {}, ...options });

describe.skipIf(clickHouseMissing)('what a client may ask of it', () => {
  let server: ClickHouseServer;
  beforeAll(async () => {
    server = await start();
  });
  afterAll(async () => {
    await server.stop();
  });

  test('answers pings, with and without a query', async () => {
    const client = connect(server);
    expect(await client.ping()).toEqual({ success: true });
    expect(await client.ping({ select: true })).toEqual({ success: true });
  });

  test('makes tables, takes rows and gives them back', async () => {
    const client = connect(server);
    await client.command({ query: 'CREATE TABLE things (id UInt32, name String) ORDER BY id' });
    const values = [
      { id: 1, name: `it's "quoted" \\ and\nbroken` },
      { id: 2, name: 'ünï' },
    ];
    await client.insert({ table: 'things', values, format: 'JSONEachRow' });
    await client.insert({
      table: 'things',
      values: Readable.from(['3,c\n', '4,d\n'], { objectMode: false }),
      format: 'CSV',
    });
    const rows = await client.query({
      query: 'SELECT * FROM things ORDER BY id',
      format: 'JSONEachRow',
    });
    expect(await rows.json()).toEqual([...values, { id: 3, name: 'c' }, { id: 4, name: 'd' }]);
    expect((await server.command('SELECT count() FROM things')).trim()).toBe('4');
  });

  test('takes parameters of every kind', async () => {
    const text = `a'b"c\\d\te\nf{x:y}`;
    const rows = await connect(server).query({
      query:
        'SELECT {n:UInt32} AS n, {text:String} AS text, {list:Array(String)} AS list, {none:Nullable(String)} AS none',
      query_params: { n: 7, text, list: [text, 'b'], none: null },
      format: 'JSONEachRow',
    });
    expect(await rows.json()).toEqual([{ n: 7, text, list: [text, 'b'], none: null }]);
  });

  test('streams a result piece by piece', async () => {
    const rows = await connect(server).query({
      query: 'SELECT number FROM system.numbers LIMIT 300000',
      format: 'JSONEachRow',
    });
    let pieces = 0;
    let count = 0;
    for await (const batch of rows.stream()) {
      pieces++;
      count += batch.length;
    }
    expect(count).toBe(300_000);
    expect(pieces).toBeGreaterThan(1);
  });

  test('speaks gzip both ways, and serves many connections at once', async () => {
    const client = connect(server, {
      compression: { request: true, response: true },
      max_open_connections: 8,
    });
    await client.command({ query: 'CREATE TABLE zipped (id UInt32) ORDER BY id' });
    const values = Array.from({ length: 1000 }, (_, id) => ({ id }));
    await client.insert({ table: 'zipped', values, format: 'JSONEachRow' });
    const query = 'SELECT count() AS n FROM zipped';
    const counts = await Promise.all(
      Array.from({ length: 8 }, async () => (await client.query({ query })).json()),
    );
    expect(counts.map(({ data }) => data)).toEqual(Array(8).fill([{ n: 1000 }]));
  });

  test('settings hold for their request alone', async () => {
    const client = connect(server);
    const query = 'SELECT count() AS n FROM numbers(100)';
    await expect(
      client.query({ query, clickhouse_settings: { max_rows_to_read: '10' } }),
    ).rejects.toMatchObject({ code: '158', type: 'TOO_MANY_ROWS' });
    expect((await (await client.query({ query })).json()).data).toEqual([{ n: 100 }]);
  });

  test('an error has its number and its name', async () => {
    const client = connect(server);
    await expect(client.query({ query: 'SELECT * FROM missing' })).rejects.toMatchObject({
      code: '60',
      type: 'UNKNOWN_TABLE',
    });
    await expect(
      connect(server, {
        url: server.url.replace(server.password, 'wrong'),
      }).query({ query: 'SELECT 1' }),
    ).rejects.toMatchObject({ code: '516', type: 'AUTHENTICATION_FAILED' });
  });

  test('an error in the midst of a result ends its stream', async () => {
    const rows = await connect(server).query({
      query:
        'SELECT throwIf(number = 100000), number FROM system.numbers SETTINGS max_block_size = 1000',
      format: 'JSONEachRow',
    });
    let count = 0;
    const reading = (async () => {
      for await (const batch of rows.stream()) count += batch.length;
    })();
    await expect(reading).rejects.toMatchObject({ code: '395' });
    expect(count).toBeGreaterThan(0);
  });

  test('a query can be killed by its number', async () => {
    const client = connect(server);
    const running = client.query({
      query: 'SELECT count() FROM system.numbers WHERE NOT ignore(number)',
      query_id: 'doomed',
    });
    const outcome = running.catch((error: unknown) => error);
    await vi.waitFor(
      async () => {
        const killed = await server.command("KILL QUERY WHERE query_id = 'doomed'");
        expect(killed).toContain('doomed');
      },
      { timeout: 30_000 },
    );
    expect(await outcome).toMatchObject({ type: 'QUERY_WAS_CANCELLED' });
  });

  test('a query ends with its client when that is asked for', async () => {
    const controller = new AbortController();
    const running = connect(server).query({
      query: 'SELECT count() FROM system.numbers WHERE NOT ignore(number, 1234567)',
      abort_signal: controller.signal,
      clickhouse_settings: { cancel_http_readonly_queries_on_client_close: 1 },
    });
    const outcome = running.catch((error: unknown) => error);
    const processes = (): Promise<string> =>
      server.command(
        "SELECT count() FROM system.processes WHERE query LIKE '%1234567%' AND query NOT LIKE '%processes%' AND NOT is_cancelled",
      );
    await vi.waitFor(async () => expect((await processes()).trim()).toBe('1'), 30_000);
    controller.abort();
    expect(await outcome).toBeInstanceOf(Error);
    await vi.waitFor(async () => expect((await processes()).trim()).toBe('0'), 30_000);
  });

  test('tells its password to nobody: not in its arguments', () => {
    const { pid = 0 } = server.process ?? {};
    expect(server.password).toMatch(/^[\w-]{24}$/);
    expect(readFileSync(`/proc/${pid}/cmdline`, 'utf8')).not.toContain(server.password);
  });

  test('an address from the environment comes first; the server there is used as it is, without signals', async () => {
    const given = await start({ env: { PERF_CLICKHOUSE_URL: server.url } });
    const { url, port, host, password } = server;
    expect(given).toMatchObject({ origin: 'environment', url, port, host, password });
    expect(given.process).toBe(undefined);
    for (const operation of ['kill', 'freeze', 'thaw', 'restart'] as const) {
      await expect(given[operation]()).rejects.toThrow(
        /was given by PERF_CLICKHOUSE_URL and was not started here/,
      );
    }
    await given.stop();
    expect((await server.command('SELECT 1')).trim()).toBe('1');
  });
});

describe.skipIf(clickHouseMissing)('a ClickHouse server', () => {
  test('keeps what was written over a kill, at the same address; frozen it answers nobody; stop leaves nothing', async () => {
    await using server = await start();
    const folder = server.process?.folder ?? '';
    const { url } = server;
    await server.command('CREATE TABLE kept (id UInt32) ORDER BY id');
    await server.command('INSERT INTO kept VALUES (7)');
    await server.kill();
    expect(server.process?.running).toBe(false);
    await expect(server.command('SELECT 1')).rejects.toThrow('fetch failed');
    await server.restart();
    expect(server.url).toBe(url);
    expect((await server.command('SELECT id FROM kept')).trim()).toBe('7');

    await server.freeze();
    expect(statesIn(folder)).toContain('T');
    const answer = server.command('SELECT 2');
    await server.thaw();
    expect((await answer).trim()).toBe('2');

    await Promise.all([server.stop(), server.stop()]);
    expect(processesIn(folder)).toEqual([]);
    expect(existsSync(folder)).toBe(false);
  });
});

test('an address that is malformed or answers nobody is refused, and its password not shown', async () => {
  await expect(start({ env: { PERF_CLICKHOUSE_URL: 'redis://me:secret@x/' } })).rejects.toThrow(
    expect.objectContaining({ message: expect.not.stringContaining('secret') }),
  );
  const address = `http://me:secret@127.0.0.1:${await freePort()}`;
  await expect(start({ env: { PERF_CLICKHOUSE_URL: address } })).rejects.toThrow(
    /PERF_CLICKHOUSE_URL cannot be used: .*ECONNREFUSED/,
  );
});

test('an option that does not exist is refused', async () => {
  await expect(start({ port: 1 } as StartClickHouseOptions)).rejects.toThrow(
    /startClickHouse\.port/,
  );
});
