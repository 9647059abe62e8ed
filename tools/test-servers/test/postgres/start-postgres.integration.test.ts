import { existsSync } from 'node:fs';
import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { startPostgres, type PostgresServer, type StartPostgresOptions } from '../../src/index.ts';
import { processesIn, runFolders, statesIn } from '../fixtures/processes.ts';

const started: PostgresServer[] = [];
// No address from outside: these are tests of starting a server.
const start = async (options: StartPostgresOptions = {}): Promise<PostgresServer> => {
  const server = await startPostgres({ env: {}, ...options });
  started.push(server);
  return server;
};
/** For tests that leave it running; it takes a second to make one. */
let shared: PostgresServer;
beforeAll(async () => {
  shared = await startPostgres({ env: {}, settings: { wal_level: 'logical' } });
});
afterEach(async () => {
  await Promise.all(started.splice(0).map((server) => server.stop()));
});
afterAll(async () => {
  await shared.stop();
});

test('a server answers when the start resolves, on loopback and with a password only', async () => {
  const server = shared;
  expect(await query(server.url, 'SHOW listen_addresses')).toEqual([
    { listen_addresses: '127.0.0.1' },
  ]);
  expect(await query(server.url, 'SHOW fsync')).toEqual([{ fsync: 'off' }]);
  expect(server.process).toMatchObject({ running: true, frozen: false });
  const wrong = new URL(server.url);
  wrong.password = 'guess';
  await expect(query(wrong.href, 'SELECT 1')).rejects.toThrow(/password authentication failed/);
});

test('stop leaves no process and no folder, and may be called twice', async () => {
  const server = await start();
  const folder = server.process?.folder ?? '';
  expect(processesIn(folder)).not.toEqual([]);
  await Promise.all([server.stop(), server.stop()]);
  expect(processesIn(folder)).toEqual([]);
  expect(existsSync(folder)).toBe(false);
  await expect(query(server.url, 'SELECT 1')).rejects.toThrow(/ECONNREFUSED/);
  await expect(server.restart()).rejects.toThrow(expect.objectContaining({ code: 'PERF_CLOSED' }));
});

test('restart keeps the data and the address', async () => {
  const server = shared;
  const { url } = server;
  await query(url, 'CREATE TABLE kept AS SELECT 7 AS value');
  const pid = server.process?.pid;
  await server.restart();
  expect(server.url).toBe(url);
  expect(server.process?.pid).not.toBe(pid);
  expect(await query(url, 'SELECT value FROM kept')).toEqual([{ value: 7 }]);
});

test('kill ends every process, breaks connections, and restart recovers what was committed', async () => {
  const server = shared;
  const client = await connect(server.url);
  const lost = new Promise<Error>((resolve) => {
    client.once('error', resolve);
  });
  await client.query('CREATE TABLE killed AS SELECT 7 AS value');
  await server.kill();
  expect((await lost).message).toMatch(/terminated|ECONNRESET/);
  expect(server.process?.running).toBe(false);
  expect(processesIn(server.process?.folder ?? '')).toEqual([]);
  await expect(query(server.url, 'SELECT 1')).rejects.toThrow(/ECONNREFUSED/);
  await server.kill();
  await server.restart();
  expect(await query(server.url, 'SELECT value FROM killed')).toEqual([{ value: 7 }]);
});

test('a frozen server answers nobody, old connection or new, and everyone after the thaw', async () => {
  const server = shared;
  const client = await connect(server.url);
  await server.freeze();
  expect(server.process).toMatchObject({ running: true, frozen: true });
  expect(statesIn(server.process?.folder ?? '')).toEqual(['T']);
  const answer = client.query('SELECT 1 AS one');
  const late = query(server.url, 'SELECT 2 AS two');
  await server.thaw();
  expect((await answer).rows).toEqual([{ one: 1 }]);
  expect(await late).toEqual([{ two: 2 }]);
  await client.end();
});

test('a frozen server can be stopped', async () => {
  const server = await start();
  const folder = server.process?.folder ?? '';
  await server.freeze();
  await server.stop();
  expect(processesIn(folder)).toEqual([]);
  expect(existsSync(folder)).toBe(false);
});

test('two servers run side by side, each with its own port, folder and data', async () => {
  const [one, two] = [await start(), shared];
  expect(one.port).not.toBe(two.port);
  await query(one.url, 'CREATE TABLE only_here ()');
  await expect(query(two.url, 'SELECT * FROM only_here')).rejects.toThrow(/does not exist/);
  await one.stop();
  expect(await query(two.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
});

test('settings reach the server', async () => {
  const server = shared;
  expect(await query(server.url, 'SHOW wal_level')).toEqual([{ wal_level: 'logical' }]);
});

test('a server that cannot start fails with the end of its log and leaves nothing', async () => {
  const before = runFolders('postgres');
  await expect(start({ settings: { wal_level: 'potato' } })).rejects.toThrow(
    /before it was ready[^]*invalid value for parameter "wal_level": "potato"/,
  );
  expect(runFolders('postgres')).toEqual(before);
});

test('an address from the environment comes first; the server there gets a database for us, and no signals', async () => {
  const existing = shared;
  const server = await start({ env: { PERF_PG_URL: existing.url } });
  expect(server).toMatchObject({ origin: 'environment', port: existing.port, process: undefined });
  await query(server.url, 'CREATE TABLE ours ()');
  await expect(query(existing.url, 'SELECT * FROM ours')).rejects.toThrow(/does not exist/);
  for (const operation of ['kill', 'freeze', 'thaw', 'restart'] as const) {
    await expect(server[operation]()).rejects.toThrow(
      /was given by PERF_PG_URL and was not started here/,
    );
  }
  await server.stop();
  await expect(query(server.url, 'SELECT 1')).rejects.toThrow(/does not exist/);
  expect(await query(existing.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
});

test('an address that is malformed or answers nobody is refused, and its password not shown', async () => {
  await expect(start({ env: { PERF_PG_URL: 'mysql://me:secret@x/' } })).rejects.toThrow(
    expect.objectContaining({ message: expect.not.stringContaining('secret') }),
  );
  await expect(
    start({ env: { PERF_PG_URL: 'postgres://me:secret@127.0.0.1:1/x' } }),
  ).rejects.toThrow(/PERF_PG_URL refused .*ECONNREFUSED/);
});

test('an option that does not exist is refused', async () => {
  await expect(start({ port: 1 } as StartPostgresOptions)).rejects.toThrow(/startPostgres\.port/);
});

async function connect(url: string): Promise<Client> {
  const client = new Client({ connectionString: url });
  await client.connect();
  return client;
}

async function query(url: string, text: string): Promise<readonly unknown[]> {
  const client = await connect(url);
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}
