import { statSync } from 'node:fs';
import { ConfigError } from '@perf/core';
import { ManualClock } from '@perf/core/testing';
import { describe, expect, it } from 'vitest';
import type { CleanupRule, SqliteStore } from '../../src/index.ts';
import { driverIsMissing } from '../fixtures/driver.ts';
import { CALL, getText, setText, useTempFolder } from '../fixtures/temp-folder.ts';

/** Bytes counted for each entry beyond its key and value. */
const OVERHEAD = 128;

async function keysOf(store: SqliteStore): Promise<string[]> {
  const keys: string[] = [];
  for await (const page of store.keys('', CALL)) keys.push(...page);
  return keys;
}

describe.skipIf(driverIsMissing)('cleanup', () => {
  const temp = useTempFolder();
  const clock = new ManualClock();

  /** Three entries, a minute apart, the middle one large and the first one read last. */
  async function threeEntries(): Promise<SqliteStore> {
    const store = temp.open({ clock, sweepInterval: '1d' });
    await setText(store, 'a', '1');
    clock.advance(60_000);
    await setText(store, 'b', 'x'.repeat(5000), 30_000);
    clock.advance(60_000);
    await setText(store, 'c', '3');
    clock.advance(60_000);
    await getText(store, 'a');
    return store;
  }

  it.each<[CleanupRule, string[]]>([
    [{ by: 'expired' }, ['a', 'c']],
    [{ by: 'lru', unusedFor: '30s' }, ['a']],
    [{ by: 'lru', maxEntries: 1 }, ['a']],
    [{ by: 'lru', maxEntries: 0 }, []],
    [{ by: 'lru', maxBytes: '1kb' }, ['a', 'c']],
    [{ by: 'age', olderThan: '90s' }, ['c']],
    [{ by: 'size', largerThan: '4kb' }, ['a', 'c']],
  ])('by %o leaves %o', async (rule, left) => {
    const store = await threeEntries();
    const before = await store.health(CALL);
    const cleaned = await store.cleanup(rule);
    expect(await keysOf(store)).toEqual(left);
    const after = await store.health(CALL);
    expect(cleaned).toEqual({
      entries: (before.entries ?? 0) - (after.entries ?? 0),
      bytes: (before.bytes ?? 0) - (after.bytes ?? 0),
    });
    expect(after.entries).toBe(left.length);
    expect(after.bytes).toBe(left.length * (OVERHEAD + 2));
  });

  it('of many entries is done in parts', async () => {
    const store = temp.open({ clock });
    const bytes = Buffer.from('x');
    const writes = Array.from({ length: 500 }, (_, n) => ({ key: `key ${n}`, bytes, ttl: 1e9 }));
    await store.setMany(writes, CALL);
    expect(await store.cleanup({ by: 'lru', maxEntries: 100 })).toMatchObject({ entries: 400 });
    clock.advance(1000);
    expect(await store.cleanup({ by: 'age', olderThan: 500 })).toMatchObject({ entries: 100 });
    expect(await store.health(CALL)).toMatchObject({ entries: 0, bytes: 0 });
  });

  it('refuses a rule that makes no sense', async () => {
    const store = temp.open({ clock });
    await expect(store.cleanup({ by: 'colour' } as never)).rejects.toThrow("'expired'");
    await expect(store.cleanup({ by: 'age', olderThan: 0 })).rejects.toThrow('olderThan');
    await expect(store.cleanup({ by: 'lru', maxEntrees: 1 } as never)).rejects.toThrow(
      'cleanup.maxEntrees must be absent',
    );
  });

  it('refuses null in place of options', async () => {
    const store = temp.open({ clock });
    const nothing = null as never;
    await expect(store.cleanup(nothing)).rejects.toThrow('cleanup must be an object of options');
    await expect(store.cleanup({ by: 'lru', maxEntries: nothing })).rejects.toThrow(ConfigError);
    await expect(store.cleanup({ by: 'expired' }, nothing)).rejects.toThrow(ConfigError);
    await expect(store.vacuum(nothing)).rejects.toThrow(ConfigError);
    await expect(store.vacuum({ signal: nothing })).rejects.toThrow(ConfigError);
  });

  it('tells no other process to forget: it makes room, it does not invalidate', async () => {
    const store = temp.open({ clock });
    const other = temp.open({ clock });
    await setText(store, 'a', '1');
    const { drop } = await other.fencing.delta({ seq: 0, drop: 0 }, CALL);
    await store.cleanup({ by: 'lru', maxEntries: 0 });
    const delta = await other.fencing.delta({ seq: 0, drop }, CALL);
    expect(delta).toMatchObject({ drops: [], gap: false });
  });

  it('frees pages that vacuum gives back to the file system', async () => {
    const store = temp.open({ clock });
    for (let n = 0; n < 20; n++) await setText(store, `key ${n}`, 'x'.repeat(50_000));
    await store.clear(CALL);
    const freed = await store.vacuum();
    expect(freed).toBeGreaterThan(900_000);
    await store.close();
    expect(statSync(temp.at('cache.db')).size).toBeLessThan(150_000);
    expect(await temp.open({ clock }).vacuum()).toBe(0);
  });
});
