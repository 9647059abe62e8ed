import { createClient } from '@clickhouse/client';
import { ManualClock } from '@perf/core/testing';
import { startProxy, type ClickHouseServer, type FaultProxy } from '@perf/test-servers';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { createClickHousePool, PoolQueryTimeoutError } from '../../src/clickhouse.ts';
import { PoolClosedError } from '../../src/errors.ts';
import {
  clickHouseMissing,
  expectLaw,
  iterate,
  patient,
  poolOf,
  settled,
  startOwnServer,
  tableName,
} from './clickhouse-fixture.ts';

const ENDLESS = 'SELECT number FROM system.numbers';
const QUICK = {
  maxAttempts: 2000,
  backoff: { kind: 'constant', base: 100, jitter: 'none' },
} as const;

describe.skipIf(clickHouseMissing)('a ClickHouse pool under faults', () => {
  let server: ClickHouseServer;
  let proxy: FaultProxy;
  beforeAll(async () => {
    server = await startOwnServer();
    proxy = await startProxy({ target: server });
  });
  afterEach(async () => {
    await proxy.resume();
  });
  afterAll(async () => {
    await proxy.close();
    await server.stop();
  });
  /** The way through the proxy. */
  const through = (): { readonly url: string } => {
    const url = new URL(server.url);
    url.port = String(proxy.port);
    return { url: url.href };
  };

  test('a server killed and restarted under load: every caller is answered, and the pool serves on', async () => {
    const pool = poolOf(server, { max: 8, retry: QUICK });
    const streams = Array.from({ length: 4 }, () => iterate(pool.stream(ENDLESS).batches()));
    await Promise.all(streams.map((rows) => rows.next()));
    const calls = Array.from({ length: 200 }, async (_, index) => {
      const rows = await pool.query<{ n: number }>(
        'SELECT toUInt32({n:UInt32}) AS n FROM numbers(1000)',
        { n: index },
      );
      return rows[0]?.n;
    });
    await vi.waitFor(() => expect(pool.stats().released).toBeGreaterThan(10), patient);
    await server.kill();
    await server.restart();
    expect(await Promise.all(calls)).toEqual(Array.from({ length: 200 }, (_, index) => index));
    for (const rows of streams) {
      await expect(
        (async () => {
          for (;;) await rows.next();
        })(),
      ).rejects.toMatchObject({ code: 'ECONNRESET' });
    }
    expect(pool.stats().retries).toBeGreaterThan(0);
    expectLaw(pool);
  }, 600_000);

  test('a server that is away is told by its error, after the retries; nothing is repeated that it may have begun', async () => {
    const pool = poolOf(server, { retry: { maxAttempts: 3, backoff: [1, 1] } });
    const retried: number[] = [];
    pool.on('retry', ({ attempt }) => retried.push(attempt));
    await server.kill();
    try {
      await expect(pool.query('SELECT 1')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
      await expect(pool.command('CREATE TABLE away (id UInt8) ORDER BY id')).rejects.toMatchObject({
        code: 'ECONNREFUSED',
      });
      expect(retried).toEqual([2, 3, 2, 3]);
      await expect(pool.ping()).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    } finally {
      await server.restart();
    }
    expect(await pool.ping()).toBeGreaterThan(0);
  });

  test('a drain does not wait for the next attempt of a call', async () => {
    const pool = poolOf(server, {
      queryTimeout: Infinity,
      retry: { maxAttempts: 3, backoff: ['1h', '1h'] },
    });
    await server.kill();
    try {
      const outcome = pool.query('SELECT 1').catch((error: unknown) => error);
      const inserter = pool.createInserter('any', { maxRows: 1 });
      const lost = inserter.insert({ id: 1 }).catch((error: unknown) => error);
      await vi.waitFor(() => expect(pool.stats()).toMatchObject({ errors: 2, active: 0 }), patient);
      await pool.drain({ timeout: 0 });
      expect(await outcome).toBeInstanceOf(PoolClosedError);
      expect(await lost).toBeInstanceOf(PoolClosedError);
    } finally {
      await server.restart();
    }
  });

  test('a connection that breaks in the midst of a query repeats it when it only reads, and else does not', async () => {
    const pool = poolOf(through(), { max: 1, retry: QUICK });
    const retried: number[] = [];
    pool.on('retry', ({ attempt }) => retried.push(attempt));
    const breakOff = async (call: Promise<unknown>, mark: string): Promise<void> => {
      call.catch(() => undefined);
      await vi.waitFor(() => {
        expect(proxy.connections((one) => one.sent(mark)).length).toBeGreaterThan(0);
      }, patient);
      await proxy.cut();
      await proxy.resume();
    };
    const read = pool.query(
      'SELECT sleepEachRow(0.0501) AS s FROM numbers(10) SETTINGS max_block_size = 1',
    );
    await breakOff(read, '0.0501');
    expect(await read).toHaveLength(10);
    expect(retried).toEqual([2]);

    const table = tableName();
    await pool.command(`CREATE TABLE ${table} (id UInt8) ENGINE = MergeTree ORDER BY id`);
    const written = pool.command(
      `INSERT INTO ${table} SELECT sleepEachRow(0.0502) FROM numbers(10) SETTINGS max_block_size = 1`,
    );
    await breakOff(written, '0.0502');
    await expect(written).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(retried).toEqual([2]);
  });

  test('a stream whose server dies in its midst is rejected, not repeated', async () => {
    const pool = poolOf(through(), { max: 1, retry: QUICK });
    const rows = iterate(pool.stream(ENDLESS).batches());
    await rows.next();
    await proxy.cut();
    await proxy.resume();
    await expect(
      (async () => {
        for (;;) await rows.next();
      })(),
    ).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(pool.stats()).toMatchObject({ active: 0, retries: 0 });
    expect(await pool.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  test('a frozen server: calls end by their time, streams by the time without a sign of life', async () => {
    const clock = new ManualClock();
    const pool = poolOf(server, {
      clock,
      max: 3,
      queryTimeout: '30s',
      stallTimeout: '10s',
      connectTimeout: '1h',
      retry: false,
    });
    const rows = iterate(pool.stream(ENDLESS).batches());
    await rows.next();
    await server.freeze();
    try {
      const query = pool.query('SELECT 1');
      const pulling = (async () => {
        for (;;) await rows.next();
      })();
      pulling.catch(() => undefined);
      query.catch(() => undefined);
      await vi.waitFor(async () => {
        clock.advance(10_000);
        // Whatever is under way has to settle by that.
        await new Promise((resolve) => setImmediate(resolve));
        expect(pool.stats().active).toBe(0);
      }, patient);
      await expect(query).rejects.toThrow(PoolQueryTimeoutError);
      await expect(pulling).rejects.toMatchObject({ code: 'PERF_TIMEOUT' });
    } finally {
      await server.thaw();
    }
    expect(await pool.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  test('a KILL QUERY that the server does not answer holds a turn no longer than hookTimeout', async () => {
    const clock = new ManualClock();
    const pool = poolOf(server, { clock, max: 1, cancel: 'kill', hookTimeout: '2s' });
    const errors: unknown[] = [];
    pool.on('error', ({ during }) => errors.push(during));
    const rows = iterate(pool.stream(ENDLESS).batches());
    await rows.next();
    await server.freeze();
    try {
      await rows.return?.();
      expect(pool.stats().active).toBe(1);
      await vi.waitFor(() => {
        clock.advance(2000);
        expect(pool.stats().active).toBe(0);
      }, patient);
      expect(errors).toEqual(['kill']);
    } finally {
      await server.thaw();
    }
  });

  test('a batch whose answer is lost is in the table once, where that drops duplicates', async () => {
    const table = tableName();
    await server.command(
      `CREATE TABLE ${table} (id UInt32) ENGINE = MergeTree ORDER BY id SETTINGS non_replicated_deduplication_window = 100`,
    );
    const pool = poolOf(through(), { max: 2, retry: QUICK });
    const inserter = pool.createInserter(table, { maxRows: 1 });
    await inserter.insert({ id: 1 });
    proxy.hold('toClient');
    const inserting = inserter.insert({ id: 2 });
    await vi.waitFor(async () => {
      expect(Number(await server.command(`SELECT count() FROM ${table}`))).toBe(2);
    }, patient);
    await proxy.cut();
    await proxy.resume();
    await inserting;
    expect(pool.stats().retries).toBeGreaterThan(0);
    expect(Number(await server.command(`SELECT count() FROM ${table}`))).toBe(2);
  });

  test('a batch whose answer is lost is not inserted again, where that might double it', async () => {
    const table = tableName();
    await server.command(`CREATE TABLE ${table} (id UInt32) ENGINE = MergeTree ORDER BY id`);
    const pool = poolOf(through(), { max: 2, retry: QUICK });
    const inserter = pool.createInserter(table, { maxRows: 1 });
    await inserter.insert({ id: 1 });
    proxy.hold('toClient');
    const inserting = inserter.insert({ id: 2 });
    inserting.catch(() => undefined);
    await vi.waitFor(async () => {
      expect(Number(await server.command(`SELECT count() FROM ${table}`))).toBe(2);
    }, patient);
    await proxy.cut();
    await proxy.resume();
    await expect(inserting).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(Number(await server.command(`SELECT count() FROM ${table}`))).toBe(2);
    expect(pool.stats().retries).toBe(0);
  });

  test('a paused stream that is aborted frees its turn without being read', async () => {
    const pool = poolOf(through(), { max: 1 });
    const controller = new AbortController();
    const rows = iterate(pool.stream(ENDLESS, {}, { signal: controller.signal }).batches());
    await rows.next();
    controller.abort(new Error('enough'));
    await settled(pool);
    await expect(
      (async () => {
        for (;;) await rows.next();
      })(),
    ).rejects.toThrow('enough');
  });

  test('a stream that is held for long is reported as a leak, and when it is back', async () => {
    const clock = new ManualClock();
    const pool = poolOf(server, { clock, leakThreshold: '10s' });
    const told: string[] = [];
    pool.on('leak', ({ stack }) => told.push(stack?.includes('faults') === true ? 'leak' : 'lost'));
    pool.on('leakReturned', () => told.push('back'));
    const rows = iterate(pool.stream(ENDLESS).batches());
    await rows.next();
    clock.advance(15_000);
    expect(pool.stats().leaked).toBe(1);
    await rows.return?.();
    expect(told.at(-1)).toBe('back');
    expect(pool.stats().leaked).toBe(0);
  });

  test('a client that was handed in is used, and not closed', async () => {
    const client = createClient({ url: server.url, log: { level: 127 } });
    const pool = createClickHousePool({ client, max: 2 });
    expect(await pool.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
    const result = await pool.use(async (own) =>
      (await own.query({ query: 'SELECT 2 AS two' })).json(),
    );
    expect(result.data).toEqual([{ two: 2 }]);
    await pool.close();
    expectLaw(pool);
    expect(await client.ping()).toEqual({ success: true });
    await client.close();
  });
});
