import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { setTimeout as delay } from 'node:timers/promises';
import { ManualClock } from '@perf/core/testing';
import { startClickHouse, type ClickHouseServer } from '@perf/test-servers';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import {
  ClickHouseResultTooLargeError,
  PoolQueryTimeoutError,
  type ClickHousePool,
  type ClickHouseQueryEvent,
} from '../../src/clickhouse.ts';
import { createPoolRegistry } from '../../src/registry/pool-registry.ts';
import { PoolAcquireTimeoutError, PoolClosedError, PoolQueueFullError } from '../../src/errors.ts';
import {
  clickHouseMissing,
  expectLaw,
  iterate,
  patient,
  poolOf,
  settled,
  tableName,
} from './clickhouse-fixture.ts';

const ENDLESS = 'SELECT number FROM system.numbers';
/** Answers only when it is ended. */
const BUSY = 'SELECT count() FROM system.numbers WHERE NOT ignore(number)';

describe.skipIf(clickHouseMissing)('a ClickHouse pool', () => {
  let server: ClickHouseServer;
  beforeAll(async () => {
    server = await startClickHouse();
  });
  afterAll(async () => {
    await server.stop();
  });

  test('queries with parameters and settings; rows have the form that was asked for', async () => {
    const pool = poolOf(server, { settings: { output_format_json_quote_64bit_integers: 1 } });
    const sql = 'SELECT {n:UInt64} + number AS n, {text:String} AS text FROM numbers(2) -- the end';
    const text = `it's \\ "quoted"\n`;
    expect(await pool.query(sql, { n: 7, text })).toEqual([
      { n: '7', text },
      { n: '8', text },
    ]);
    expect(
      await pool.query(
        sql,
        { n: 7, text },
        {
          format: 'JSONCompactEachRow',
          settings: { output_format_json_quote_64bit_integers: 0 },
        },
      ),
    ).toEqual([
      [7, text],
      [8, text],
    ]);
    expect(await pool.query('SELECT 1 WHERE 0;')).toEqual([]);
  });

  test('names of tables and columns are identifiers, whatever is in them', async () => {
    const pool = poolOf(server);
    const table = `${tableName()} "x\`; DROP`;
    await pool.command(
      `CREATE TABLE \`${table.replaceAll('`', '\\`')}\` (\`a b\` UInt8, c UInt8) ORDER BY c`,
    );
    await pool.insert(table, [[1, 2]], { columns: ['a b', 'c'] });
    await pool.insert({ database: 'default', table }, [{ 'a b': 3, c: 4 }]);
    const rows = await pool.query(`SELECT * FROM \`${table.replaceAll('`', '\\`')}\` ORDER BY c`);
    expect(rows).toEqual([
      { 'a b': 1, c: 2 },
      { 'a b': 3, c: 4 },
    ]);
  });

  test('a stream gives all rows, one by one and in batches, and then frees its turn', async () => {
    const pool = poolOf(server, { max: 1 });
    const sql = 'SELECT number FROM system.numbers LIMIT 200000';
    let next = 0;
    for await (const { number } of pool.stream<{ number: number }>(sql)) {
      if (number !== next++) throw new Error(`${number} instead of ${next - 1}`);
    }
    let count = 0;
    for await (const batch of pool.stream(sql).batches()) count += batch.length;
    expect([next, count]).toEqual([200_000, 200_000]);
    expect(pool.stats()).toMatchObject({ acquired: 2, released: 2, active: 0 });
  });

  test('rows are asked for before the last has come, and none is lost', async () => {
    const rows = iterate(
      poolOf(server).stream<{ number: number }>('SELECT number FROM numbers(5)'),
    );
    const all = await Promise.all(Array.from({ length: 7 }, () => rows.next()));
    expect(all.map(({ value }) => (value as { number: number } | undefined)?.number)).toEqual([
      0,
      1,
      2,
      3,
      4,
      undefined,
      undefined,
    ]);
  });

  test('a stream that nobody iterates takes no turn', async () => {
    const pool = poolOf(server);
    pool.stream(ENDLESS);
    expect(pool.stats().acquired).toBe(0);
  });

  test('who leaves an endless stream frees its turn, and the query ends at the server', async () => {
    const pool = poolOf(server, { max: 1 });
    const marked = `${ENDLESS} WHERE number != 424242421`;
    for await (const { number } of pool.stream<{ number: number }>(marked)) {
      if (number > 10) break;
    }
    expect(pool.stats().active).toBe(0);
    await vi.waitFor(
      async () =>
        expect(
          await pool.query(
            "SELECT 1 FROM system.processes WHERE query LIKE '%424242421%' AND query NOT LIKE '%processes%' AND NOT is_cancelled",
          ),
        ).toEqual([]),
      patient,
    );
  });

  test('a stream is not read faster than its rows are taken', async () => {
    const pool = poolOf(server);
    const batches = pool.stream(ENDLESS).batches()[Symbol.asyncIterator]();
    await batches.next();
    await delay(300);
    const before = process.memoryUsage().arrayBuffers;
    await delay(300);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(32e6);
    await batches.return?.();
    expect(pool.stats().active).toBe(0);
  });

  test('an error in the midst of a result is told, after the rows before it', async () => {
    const pool = poolOf(server, { max: 1, maxResultBytes: '1gb' });
    const sql =
      'SELECT throwIf(number = 100000) AS t, number FROM system.numbers SETTINGS max_block_size = 1000';
    let count = 0;
    const reading = (async () => {
      for await (const batch of pool.stream(sql).batches()) count += batch.length;
    })();
    await expect(reading).rejects.toMatchObject({
      code: '395',
      type: 'FUNCTION_THROW_IF_VALUE_IS_NON_ZERO',
    });
    expect(count).toBeGreaterThan(0);
    await expect(pool.query(sql)).rejects.toMatchObject({ code: '395' });
    expect(await pool.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  test('an endless result is bounded', async () => {
    const pool = poolOf(server, { max: 1, maxResultBytes: '1mb' });
    await expect(pool.query(ENDLESS)).rejects.toThrow(ClickHouseResultTooLargeError);
    const long = "SELECT repeat('x', 1000000) || repeat('y', 1000000) AS x";
    await expect(pool.stream(long)[Symbol.asyncIterator]().next()).rejects.toThrow(
      /a row is larger/,
    );
    expect(pool.stats().active).toBe(0);
  });

  test('a query that takes too long is ended here and there', async () => {
    const pool = poolOf(server, { max: 1, retry: false });
    await expect(pool.query(BUSY, {}, { timeout: 500 })).rejects.toThrow(PoolQueryTimeoutError);
    await expect(
      pool.stream(BUSY, {}, { timeout: 500 })[Symbol.asyncIterator]().next(),
    ).rejects.toThrow(PoolQueryTimeoutError);
    expect(pool.stats().active).toBe(0);
  });

  test('the server is told how long a call may take, unless its user may change no settings', async () => {
    const sql = "SELECT toFloat64(getSetting('max_execution_time')) AS seconds";
    const timeOf = async (pool: ClickHousePool): Promise<number> => {
      const [row] = await pool.query<{ seconds: number }>(sql, {}, { timeout: '1h' });
      return row?.seconds ?? -1;
    };
    const seconds = await timeOf(poolOf(server));
    expect(seconds).toBeGreaterThan(0);
    expect(seconds).toBeLessThanOrEqual(3600);
    expect(await timeOf(poolOf(server, { readonlyUser: true }))).toBe(0);
  });

  test('the time of a stream without a bound does not include what comes after its beginning', async () => {
    const clock = new ManualClock();
    const pool = poolOf(server, { clock });
    const pieces = pool.stream(ENDLESS).batches()[Symbol.asyncIterator]();
    await pieces.next();
    clock.advance(3_600_000);
    expect((await pieces.next()).done).toBe(false);
    await pieces.return?.();
  });

  test.each(['close', 'kill'] as const)(
    'an abort ends a call with its reason at every stage (%s)',
    async (cancel) => {
      const pool = poolOf(server, { max: 1, cancel });
      const reason = new Error('not needed any more');
      await expect(pool.query('SELECT 1', {}, { signal: AbortSignal.abort(reason) })).rejects.toBe(
        reason,
      );

      const holder = await pool.acquire();
      const waiting = new AbortController();
      const waits = pool.query('SELECT 1', {}, { signal: waiting.signal });
      waiting.abort(reason);
      await expect(waits).rejects.toBe(reason);
      holder.release();

      const running = new AbortController();
      const runs = pool.query(BUSY, {}, { signal: running.signal });
      await vi.waitFor(async () => {
        const [row] = await poolOf(server).query<{ n: number }>(
          "SELECT toUInt32(count()) AS n FROM system.processes WHERE query LIKE '%ignore(number)%' AND NOT is_cancelled AND query NOT LIKE '%processes%'",
        );
        expect(row?.n).toBe(1);
      }, patient);
      running.abort(reason);
      await expect(runs).rejects.toBe(reason);

      const reading = new AbortController();
      const rows = iterate(pool.stream(ENDLESS, {}, { signal: reading.signal }).batches());
      await rows.next();
      reading.abort(reason);
      await expect(
        (async () => {
          for (;;) await rows.next();
        })(),
      ).rejects.toBe(reason);

      await settled(pool);
      expect(await pool.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
      await vi.waitFor(async () => {
        expect(
          await pool.query(
            "SELECT query FROM system.processes WHERE query LIKE '%ignore(number)%' AND NOT is_cancelled AND query NOT LIKE '%processes%'",
          ),
        ).toEqual([]);
      }, patient);
    },
  );

  test('aborts at random moments leave nothing behind', async () => {
    const pool = poolOf(server, { max: 3 });
    const calls = Array.from({ length: 60 }, async (_, index) => {
      const controller = new AbortController();
      const call = pool.query(
        'SELECT number FROM numbers(20000)',
        {},
        { signal: controller.signal },
      );
      setTimeout(() => controller.abort(), index * 3);
      await call.catch(() => undefined);
    });
    await Promise.all(calls);
    expect(pool.stats().active).toBe(0);
    expect(await pool.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  test('500 callers share few requests, none waits within the client, and all are served', async () => {
    const pool = poolOf(server, { max: 5 });
    let most = 0;
    const results = await Promise.all(
      Array.from({ length: 500 }, async (_, index) => {
        const rows = await pool.query('SELECT {n:UInt32} AS n', { n: index });
        most = Math.max(most, pool.stats().active);
        return rows[0]?.['n'];
      }),
    );
    expect(results).toEqual(Array.from({ length: 500 }, (_, index) => index));
    expect(most).toBeLessThanOrEqual(5);
    expect(pool.stats()).toMatchObject({ acquired: 500, released: 500 });
    expect(pool.stats().created).toBeLessThan(50);
  }, 600_000);

  test('a full queue, a wait in vain and a higher priority behave as in other pools', async () => {
    const pool = poolOf(server, { max: 1, maxQueue: 2 });
    const lease = await pool.acquire();
    const late = pool.query('SELECT 1', {}, { timeout: 50 });
    const second = pool.query('SELECT 2', {}, { priority: 1 });
    await expect(pool.query('SELECT 3')).rejects.toThrow(PoolQueueFullError);
    await expect(late).rejects.toThrow(PoolAcquireTimeoutError);
    const order: number[] = [];
    const first = pool.query('SELECT 4', {}, { priority: 9 }).then(() => order.push(1));
    lease.release();
    await Promise.all([first, second.then(() => order.push(2))]);
    expect(order).toEqual([1, 2]);
  });

  test('ping answers while all turns are out, and tells of a wrong password, which no error shows', async () => {
    const pool = poolOf(server, { max: 1 });
    const rows = iterate(pool.stream(ENDLESS).batches());
    await rows.next();
    expect(await pool.ping()).toBeGreaterThan(0);
    await rows.return?.();
    const url = server.url.replace(/:[^:@]+@/, ':sesame@');
    const wrong = poolOf({ url });
    const failure: unknown = await wrong.query('SELECT 1').catch((error: unknown) => error);
    expect(failure).toMatchObject({ type: 'AUTHENTICATION_FAILED' });
    await expect(wrong.ping()).rejects.toMatchObject({ type: 'AUTHENTICATION_FAILED' });
    const { inspect } = await import('node:util');
    expect(inspect(failure, { depth: 10, showHidden: true })).not.toMatch(/sesame|Basic /);
    expect(inspect(wrong, { depth: 1, showHidden: true })).not.toContain('sesame');
  });

  test('use and acquire hand out the client itself; a policy runs each request', async () => {
    const calls: string[] = [];
    const pool = poolOf(server, {
      policy: {
        execute: async (fn, call) => {
          calls.push('policy');
          return fn({ signal: call?.signal ?? new AbortController().signal });
        },
      },
    });
    await pool.query('SELECT 1');
    expect(calls).toEqual(['policy']);
    const text = await pool.use(async (client) => {
      const { stream } = await client.exec({ query: 'SELECT 1, 2 FORMAT CSV' });
      let all = '';
      for await (const piece of stream) all += String(piece);
      return all;
    });
    expect(text).toBe('1,2\n');
  });

  test('the database is that of the address; twenty requests at once warn of nothing', async () => {
    const warnings: Error[] = [];
    const onWarning = (warning: Error): void => {
      warnings.push(warning);
    };
    process.on('warning', onWarning);
    const pool = poolOf({ url: `${server.url}/system` }, { max: 20 });
    const names = await Promise.all(
      Array.from({ length: 40 }, () => pool.query('SELECT currentDatabase() AS name')),
    );
    expect(names).toEqual(Array(40).fill([{ name: 'system' }]));
    process.off('warning', onWarning);
    expect(warnings).toEqual([]);
  });

  test('a registry takes the pool as it takes others', async () => {
    const pools = createPoolRegistry({ events: poolOf(server) });
    const lease = await pools.acquire('events');
    expect(pools.stats().events.active).toBe(1);
    lease.release();
    await pools.drain();
  });

  test('tells of each query what became of it', async () => {
    const pool = poolOf(server);
    const events: ClickHouseQueryEvent[] = [];
    const published: unknown[] = [];
    const publish = (message: unknown): void => {
      published.push(message);
    };
    pool.on('query', (event) => events.push(event));
    const channels = ['perf:pool:acquire', 'perf:pool:query'];
    for (const channel of channels) subscribe(channel, publish);
    await pool.query('SELECT 1', {}, { queryId: 'mine' });
    for (const channel of channels) unsubscribe(channel, publish);
    await pool.query('SELECT * FROM missing').catch(() => undefined);
    expect(published).toMatchObject([
      { pool: 'clickHousePool', waited: expect.any(Number), error: undefined },
      { pool: 'clickHousePool', queryId: 'mine', duration: expect.any(Number) },
    ]);
    expect(events).toMatchObject([
      { operation: 'query', queryId: 'mine', error: undefined },
      { operation: 'query', error: { type: 'UNKNOWN_TABLE' } },
    ]);
    expect(pool.stats()).toMatchObject({ failures: 1 });
  });

  test('a drain waits for what runs, then breaks it off; afterwards nobody gets in', async () => {
    const pool = poolOf(server, { max: 2 });
    const short = pool.query('SELECT 1 AS one');
    const long = pool.query(BUSY);
    const outcome = long.catch((error: unknown) => error);
    const rows = pool.stream(ENDLESS).batches()[Symbol.asyncIterator]();
    await short;
    await rows.next();
    const waiting = pool.query('SELECT 2').catch((error: unknown) => error);
    const drained = pool.drain({ timeout: 200 });
    expect(await waiting).toBeInstanceOf(PoolClosedError);
    await drained;
    expect(await outcome).toBeInstanceOf(PoolClosedError);
    await expect(
      (async () => {
        for (;;) await rows.next();
      })(),
    ).rejects.toThrow(PoolClosedError);
    await expect(pool.query('SELECT 1')).rejects.toThrow(PoolClosedError);
    await expect(pool.ping()).rejects.toThrow(PoolClosedError);
    expectLaw(pool);
    expect(pool.stats()).toMatchObject({ idle: 0, connecting: 0 });
  });
});
