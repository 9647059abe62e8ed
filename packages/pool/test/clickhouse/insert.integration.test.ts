import { setTimeout as delay } from 'node:timers/promises';
import { startClickHouse, type ClickHouseServer } from '@perf/test-servers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ClickHouseInserterFullError, type ClickHouseBatchEvent } from '../../src/clickhouse.ts';
import { clickHouseMissing, poolOf, tableName } from './clickhouse-fixture.ts';

describe.skipIf(clickHouseMissing)('inserts of a ClickHouse pool', () => {
  let server: ClickHouseServer;
  beforeAll(async () => {
    server = await startClickHouse();
  });
  afterAll(async () => {
    await server.stop();
  });

  async function makeTable(rest = ''): Promise<string> {
    const table = tableName();
    await server.command(
      `CREATE TABLE ${table} (id UInt32, name String) ENGINE = MergeTree ORDER BY id ${rest}`,
    );
    return table;
  }
  const count = async (table: string): Promise<number> =>
    Number(await server.command(`SELECT count() FROM ${table}`));

  test('rows come from arrays, iterables, async iterables and texts, with gzip too', async () => {
    const pool = poolOf(server, { connection: { compression: { request: true, response: true } } });
    const table = await makeTable();
    const text = `it's \\ "quoted"\nünï`;
    await pool.insert(table, [{ id: 1, name: text }]);
    await pool.insert(table, [[2, 'b']]);
    await pool.insert(table, new Set([{ id: 3, name: 'c' }]));
    await pool.insert(
      table,
      (async function* () {
        for (let id = 4; id < 5000; id++) yield { id, name: 'x'.repeat(50) };
      })(),
    );
    await pool.insert(table, ['5000,y\n', '5001,z\n'], { format: 'CSV' });
    await pool.insert(table, []);
    expect(await count(table)).toBe(5001);
    expect(await pool.query(`SELECT name FROM ${table} WHERE id = 1`)).toEqual([{ name: text }]);
  });

  test('a source is not read faster than its rows are sent, and a frozen server makes it stop', async () => {
    await using own = await startClickHouse({ env: {} });
    await own.command('CREATE TABLE slow (id UInt32, name String) ENGINE = MergeTree ORDER BY id');
    const pool = poolOf(own);
    await own.freeze();
    const source = { taken: 0 };
    const controller = new AbortController();
    const inserting = pool.insert(
      'slow',
      (async function* () {
        for (let id = 0; id < 500_000; id++) {
          source.taken++;
          yield { id, name: 'x'.repeat(1000) };
        }
      })(),
      { signal: controller.signal },
    );
    const outcome = inserting.catch((error: unknown) => error);
    let before = -1;
    while (source.taken === 0 || source.taken > before) {
      before = source.taken;
      await delay(200);
    }
    expect(source.taken).toBeLessThan(100_000);
    const reason = new Error('enough');
    controller.abort(reason);
    expect(await outcome).toBe(reason);
    await own.thaw();
    expect(pool.stats().active).toBe(0);
  });

  test('what the source fails with is the error of the insert, and its turn is free', async () => {
    const pool = poolOf(server, { max: 1 });
    const table = await makeTable();
    const failure = new Error('the source is broken');
    const inserting = pool.insert(
      table,
      (async function* () {
        yield { id: 1, name: 'a' };
        await Promise.resolve();
        throw failure;
      })(),
    );
    await expect(inserting).rejects.toBe(failure);
    expect(pool.stats().active).toBe(0);
    expect(await count(table)).toBe(0);
  });

  test('the server’s error is that of the insert', async () => {
    const pool = poolOf(server);
    const table = await makeTable();
    await expect(pool.insert('missing', [{ id: 1 }])).rejects.toMatchObject({
      type: 'UNKNOWN_TABLE',
    });
    await expect(pool.insert(table, [{ id: 'no number', name: 'a' }])).rejects.toMatchObject({
      code: expect.stringMatching(/^\d+$/),
    });
    expect(pool.stats()).toMatchObject({ retries: 0, active: 0 });
  });

  test('the same token inserts once, where the table drops duplicates', async () => {
    const pool = poolOf(server);
    const table = await makeTable('SETTINGS non_replicated_deduplication_window = 100');
    const rows = [{ id: 1, name: 'a' }];
    await pool.insert(table, rows, { deduplicationToken: 'one' });
    await pool.insert(table, rows, { deduplicationToken: 'one' });
    await pool.insert(table, rows, { deduplicationToken: 'two' });
    expect(await count(table)).toBe(2);
  });

  test('an inserter gathers rows of many callers into batches, by rows, by bytes, and by time', async () => {
    const pool = poolOf(server);
    const table = await makeTable();
    const batches: ClickHouseBatchEvent[] = [];
    pool.on('batch', (event) => batches.push(event));
    const inserter = pool.createInserter(table, { maxRows: 100, maxWait: '1h' });
    await Promise.all(
      Array.from({ length: 300 }, (_, id) => inserter.insert({ id, name: 'by rows' })),
    );
    expect(batches.map(({ rows }) => rows)).toEqual([100, 100, 100]);
    const large = pool.createInserter(table, { maxBytes: 2000, maxWait: '1h' });
    await large.insert(...Array.from({ length: 20 }, (_, id) => ({ id, name: 'x'.repeat(100) })));
    const soon = pool.createInserter(table, { maxWait: 5 });
    await soon.insert({ id: 1, name: 'by time' });
    expect(await count(table)).toBe(321);
    expect(inserter.stats()).toMatchObject({
      rows: 300,
      insertedRows: 300,
      failedRows: 0,
      waitingRows: 0,
      waitingBytes: 0,
      batches: 3,
    });
  });

  test('equal rows in two batches are two rows, where the table drops duplicates, too', async () => {
    const pool = poolOf(server);
    const table = await makeTable('SETTINGS non_replicated_deduplication_window = 100');
    const inserter = pool.createInserter(table, { maxRows: 1 });
    await inserter.insert({ id: 1, name: 'same' });
    await inserter.insert({ id: 1, name: 'same' });
    expect(await count(table)).toBe(2);
  });

  test('flush and the drain of the pool send what waits; then rows are refused', async () => {
    const pool = poolOf(server);
    const table = await makeTable();
    const inserter = pool.createInserter(table, { maxWait: '1h' });
    const first = inserter.insert({ id: 1, name: 'a' });
    await inserter.flush();
    await first;
    const second = inserter.insert({ id: 2, name: 'b' });
    await pool.drain();
    await second;
    expect(await count(table)).toBe(2);
    await expect(inserter.insert({ id: 3, name: 'c' })).rejects.toMatchObject({
      code: 'PERF_CLOSED',
    });
  });

  test('a batch that fails rejects its callers alone, and goes on with the next', async () => {
    const pool = poolOf(server);
    const table = await makeTable();
    const inserter = pool.createInserter<{ id: unknown; name: string }>(table, {
      maxRows: 2,
      maxWait: '1h',
    });
    const bad = [inserter.insert({ id: 1, name: 'a' }), inserter.insert({ id: 'no', name: 'b' })];
    const good = [inserter.insert({ id: 3, name: 'c' }), inserter.insert({ id: 4, name: 'd' })];
    const outcomes = await Promise.allSettled([...bad, ...good]);
    expect(outcomes.map(({ status }) => status)).toEqual([
      'rejected',
      'rejected',
      'fulfilled',
      'fulfilled',
    ]);
    expect(await count(table)).toBe(2);
    expect(inserter.stats()).toMatchObject({ insertedRows: 2, failedRows: 2, waitingBytes: 0 });
    const circular: Record<string, unknown> = {};
    circular['self'] = circular;
    await expect(inserter.insert(circular as never)).rejects.toThrow(/circular/i);
  });

  test('what waits to be inserted is bounded', async () => {
    const pool = poolOf(server);
    const table = await makeTable();
    const inserter = pool.createInserter(table, { maxQueuedBytes: 100, maxWait: '1h' });
    const first = inserter.insert({ id: 1, name: 'x'.repeat(50) });
    await expect(inserter.insert({ id: 2, name: 'x'.repeat(50) })).rejects.toThrow(
      ClickHouseInserterFullError,
    );
    expect(inserter.stats().refusedRows).toBe(1);
    await inserter.close();
    await first;
    expect(await count(table)).toBe(1);
  });

  test('options of an inserter are refused by name', () => {
    const pool = poolOf(server);
    expect(() => pool.createInserter('t', { maxRows: 0 })).toThrow(/inserter\.maxRows/);
    expect(() => pool.createInserter('', {})).toThrow(/inserter\.table/);
    expect(() => pool.createInserter('t', { maxRow: 1 } as object)).toThrow(/inserter\.maxRow\b/);
  });
});
