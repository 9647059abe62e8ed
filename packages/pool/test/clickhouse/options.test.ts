import { expect, test } from 'vitest';
import { createClickHousePool, type ClickHousePoolOptions } from '../../src/clickhouse.ts';
import { presets } from '../../src/configuration/presets.ts';

test.each([
  ['url', { url: 'redis://me:sesame@x' }],
  ['url', { url: 'http://me:sesame@x/?a=1' }],
  ['url', { url: 'http://me:%zz@x' }],
  ['queryTimeout', { queryTimeout: -1 }],
  ['stallTimeout', { stallTimeout: 0 }],
  ['maxResultBytes', { maxResultBytes: 0 }],
  ['cancel', { cancel: 'never' }],
  ['client', { client: {} }],
  ['settings', { settings: 7 }],
  ['readonlyUser', { readonlyUser: 1 }],
  ['maxx', { maxx: 1 }],
])('%s is refused by its name, and no password is shown', (option, options) => {
  expect(() => createClickHousePool(options as unknown as ClickHousePoolOptions)).toThrow(
    expect.objectContaining({
      option: `clickHousePool.${option}`,
      message: expect.not.stringContaining('sesame'),
    }),
  );
});

test('retries are checked, too', () => {
  expect(() => createClickHousePool({ retry: { maxAttempts: 0 } })).toThrow(/maxAttempts/);
});

test('presets are options of this pool as of others; nothing is connected to before the first call', async () => {
  const pool = createClickHousePool({ ...presets.lowLatency, url: 'http://127.0.0.1:1' });
  expect(pool.stats()).toMatchObject({
    name: 'clickHousePool',
    max: 30,
    created: 0,
    connecting: 0,
  });
  expect(() => pool.stream('SELECT 1', {}, { format: 'CSV' as 'JSONEachRow' })).toThrow(/format/);
  await expect(pool.query('SELECT 1', {}, { timeout: -1 })).rejects.toThrow(/timeout/);
  await pool.close();
  await pool.close();
});
