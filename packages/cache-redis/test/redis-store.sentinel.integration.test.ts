import { describe, expect, it } from 'vitest';
import { clientOf, DRIVERS } from './fixtures/drivers.ts';
import { noRedis, useRedisSentinel } from './fixtures/redis.ts';
import { CALL, getText, setText, useStores } from './fixtures/stores.ts';

const PATIENCE = { timeout: 30_000 };

describe.skipIf(noRedis)('redisStore through Sentinel', () => {
  const redis = useRedisSentinel();
  const stores = useStores();

  it.each(DRIVERS)('follows a failover and tells it, with $version', async (one) => {
    const nowhere = { host: '', port: 0, password: undefined };
    const client = stores.keep(
      clientOf(one, nowhere, {
        ...redis.sentinel.clientOptions,
        retryStrategy: () => 50,
      }),
    );
    const store = stores.open({ client });
    const told: string[] = [];
    store.watch({ onReplaced: (how) => told.push(how), onWarning: () => undefined });
    expect(await setText(store, 'a', '1')).toBe('stored');
    const first = await redis.sentinel.primary();
    await first.kill();
    await expect.poll(() => getText(store, 'a').catch(() => 'no connection')).toBe('no connection');
    await redis.sentinel.waitForPrimary({ not: first });
    await expect
      .poll(() => setText(store, 'a', '2').catch(() => 'not yet'), PATIENCE)
      .toBe('stored');
    expect(told).toEqual(['failover']);
    expect(await store.sever(CALL)).toBe(true);
    expect(await getText(store, 'a')).toBe('2');
    await first.restart();
    await redis.sentinel.waitForPrimary();
  });

  it('connects by itself, given the Sentinels', async () => {
    const store = stores.open({ connection: { ...redis.sentinel.clientOptions } });
    expect(await setText(store, 'a', '1')).toBe('stored');
    expect(await getText(store, 'a')).toBe('1');
  });
});
