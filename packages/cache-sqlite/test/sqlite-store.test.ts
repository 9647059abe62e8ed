import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { MissingDriverError } from '@perf/core';
import { ManualClock, settle } from '@perf/core/testing';
import { createCache } from '@perf/cache-core';
import { describe, expect, it } from 'vitest';
import { sqliteStore } from '../src/index.ts';
import { driver, driverIsMissing } from './fixtures/driver.ts';
import { CALL, getText, setText, useTempFolder } from './fixtures/temp-folder.ts';

class Unbuilt {
  constructor() {
    throw new Error('Could not locate the bindings file. Tried: …');
  }
}

describe('a missing driver', () => {
  const temp = useTempFolder();

  it('rejects every call with MissingDriverError and shows in health', async () => {
    const store = temp.open({ driver: Unbuilt as never });
    await expect(setText(store, 'a', '1')).rejects.toBeInstanceOf(MissingDriverError);
    await expect(getText(store, 'a')).rejects.toThrow('npm install better-sqlite3');
    const health = await store.health(CALL);
    expect(health).toMatchObject({ healthy: false });
    expect(health.reason).toContain('better-sqlite3');
  });

  it('does not hurt the caller of a cache, who gets the loaded value', async () => {
    const cache = createCache<string>({
      name: 'cities',
      stores: [temp.open({ driver: Unbuilt as never })],
    });
    expect(await cache.getOrSet('a', () => 'loaded')).toBe('loaded');
    await cache.close();
  });
});

describe.skipIf(driverIsMissing)('sqliteStore', () => {
  const temp = useTempFolder();

  it('touches no file before the first call', async () => {
    const store = temp.open();
    await settle();
    expect(existsSync(temp.at('cache.db'))).toBe(false);
    await store.health(CALL);
    expect(existsSync(temp.at('cache.db'))).toBe(true);
  });

  it.skipIf(process.platform === 'win32')(
    'makes files and folders that nobody else can read',
    async () => {
      const file = path.join(temp.at('new'), 'deeper', 'cache.db');
      const store = temp.open({ path: file });
      await setText(store, 'a', '1');
      for (const name of [file, `${file}-wal`, `${file}-shm`]) {
        expect(statSync(name).mode & 0o777, name).toBe(0o600);
      }
      for (const folder of [path.dirname(file), temp.at('new')]) {
        expect(statSync(folder).mode & 0o777, folder).toBe(0o700);
      }
    },
  );

  it('uses the driver that it is handed', async () => {
    const opened: string[] = [];
    class Counting extends (driver ?? Object) {
      constructor(...args: [string]) {
        super(...args);
        opened.push(args[0]);
      }
    }
    const store = temp.open({ driver: Counting as never });
    expect(await setText(store, 'a', '1')).toBe('stored');
    expect(opened).toEqual([temp.at('cache.db')]);
  });

  it('keeps bytes exactly, empty ones too, under keys of any content', async () => {
    const store = temp.open();
    const keys = ['a', 'a\0b', 'a\0', '*', '../x', '__proto__', '\n', 'é🙂', 'x'.repeat(1_000_000)];
    for (const [index, key] of keys.entries()) {
      await store.setMany(
        [{ key, bytes: index === 0 ? new Uint8Array() : Buffer.from([0, index, 255]), ttl: 1000 }],
        CALL,
      );
    }
    const found = await store.getMany(keys, CALL);
    expect(found.map((entry) => [...(entry?.bytes ?? [-1])])).toEqual(
      keys.map((_, index) => (index === 0 ? [] : [0, index, 255])),
    );
    expect(await store.deleteMany(['a\0'], CALL)).toBe(1);
    expect(await getText(store, 'a\0b')).toBeDefined();
  });

  it('stores only what a view shows of a larger buffer', async () => {
    const store = temp.open();
    const bytes = new Uint8Array([1, 2, 3, 4, 5]).subarray(1, 4);
    await store.setMany([{ key: 'a', bytes, ttl: 1000 }], CALL);
    const [entry] = await store.getMany(['a'], CALL);
    expect([...(entry?.bytes ?? [])]).toEqual([2, 3, 4]);
  });

  it('never has more entries than maxEntries, and removes those used least recently', async () => {
    const clock = new ManualClock();
    const store = temp.open({ maxEntries: 3, recencyInterval: '1s', clock });
    for (const key of ['a', 'b', 'c']) {
      await setText(store, key, key);
      clock.advance(10);
    }
    clock.advance(1000);
    await getText(store, 'a');
    clock.advance(10);
    const evictions: unknown[] = [];
    store.on('evict', (event) => evictions.push(event));
    await setText(store, 'd', 'd');
    expect(await Promise.all(['a', 'b', 'c', 'd'].map((key) => getText(store, key)))).toEqual([
      'a',
      undefined,
      'c',
      'd',
    ]);
    expect(evictions).toEqual([{ entries: 1, bytes: 130, reason: 'bound' }]);
    expect(await store.health(CALL)).toMatchObject({ healthy: true, entries: 3 });
  });

  it('never holds more than maxBytes', async () => {
    const store = temp.open({ maxBytes: '64kb' });
    for (let n = 0; n < 200; n++) {
      expect(await setText(store, `key ${n}`, 'x'.repeat(1000))).toBe('stored');
      const { bytes = Infinity } = await store.health(CALL);
      expect(bytes).toBeLessThanOrEqual(65_536);
    }
    expect(await getText(store, 'key 199')).toBeDefined();
    expect(await getText(store, 'key 0')).toBeUndefined();
  });

  it('removes expired entries before others', async () => {
    const clock = new ManualClock();
    const store = temp.open({ maxEntries: 2, clock, sweepInterval: '1d' });
    await setText(store, 'stays', '1');
    clock.advance(10);
    await setText(store, 'expires', '2', 100);
    clock.advance(200);
    await setText(store, 'new', '3');
    expect(await getText(store, 'stays')).toBe('1');
    expect(await getText(store, 'new')).toBe('3');
  });

  it('counts entries and bytes exactly through every kind of change', async () => {
    const clock = new ManualClock();
    const store = temp.open({ clock });
    const { fencing } = store;
    await setText(store, 'a', 'xxxx');
    await setText(store, 'a', 'xx');
    await setText(store, 'b', 'x', 50);
    const ticket = { ticket: 't', ttl: 1000 };
    await fencing.ticketMany([{ ...ticket, key: 'c' }], CALL);
    await fencing.fillMany([{ ...ticket, key: 'c', bytes: Buffer.from('xxx') }], CALL);
    await fencing.begin('d', 't', 1000, CALL);
    await fencing.settle({ ...ticket, key: 'd', bytes: Buffer.from('x') }, CALL);
    await fencing.begin('c', 't', 1000, CALL);
    await store.deleteMany(['d', 'absent'], CALL);
    // a: key, two bytes and the overhead; b: key and one.
    expect(await store.health(CALL)).toEqual({ healthy: true, entries: 2, bytes: 131 + 130 });
    clock.advance(100);
    expect(await store.clearExpired(CALL)).toBe(1);
    expect(await store.health(CALL)).toEqual({ healthy: true, entries: 1, bytes: 131 });
    await store.clear(CALL);
    expect(await store.health(CALL)).toEqual({ healthy: true, entries: 0, bytes: 0 });
  });

  it('refuses a value that is too large, and the older one is gone', async () => {
    const store = temp.open({ maxValueBytes: 10 });
    await setText(store, 'a', 'old');
    expect(await setText(store, 'a', 'longer than ten')).toBe('refused');
    expect(await getText(store, 'a')).toBeUndefined();
  });

  it('leaves the ticket with its holder when what was loaded is too large', async () => {
    const { fencing } = temp.open({ maxValueBytes: 10 });
    const mine = { key: 'a', ticket: 't', ttl: 1000 };
    const other = { ...mine, ticket: 'u' };
    await fencing.ticketMany([mine], CALL);
    expect(await fencing.fillMany([{ ...mine, bytes: Buffer.alloc(11) }], CALL)).toEqual([
      'refused',
    ]);
    expect(await fencing.ticketMany([other], CALL)).toEqual([{ kind: 'held', ticket: 't' }]);
    expect(await fencing.releaseMany([mine], CALL)).toEqual([true]);
    expect(await fencing.ticketMany([other], CALL)).toEqual([{ kind: 'mine' }]);
  });

  it('calls made before the file is open take effect in their order', async () => {
    const store = temp.open();
    const results = await Promise.all([
      setText(store, 'a', '1'),
      getText(store, 'a'),
      setText(store, 'a', '2'),
      getText(store, 'a'),
      store.deleteMany(['a'], CALL),
      getText(store, 'a'),
    ]);
    expect(results).toEqual(['stored', '1', 'stored', '2', 1, undefined]);
  });

  it('a call given up before the file is open is not applied', async () => {
    const store = temp.open();
    const controller = new AbortController();
    const write = store.setMany([{ key: 'a', bytes: Buffer.from('1'), ttl: 1000 }], controller);
    const reason = new Error('too late');
    controller.abort(reason);
    await expect(write).rejects.toBe(reason);
    expect(await getText(store, 'a')).toBeUndefined();
  });

  it('a call given up while those before it are made up for is not applied', async () => {
    const store = temp.open({ maxEntries: 1 });
    const controller = new AbortController();
    store.on('evict', () => {
      controller.abort(new Error('too late'));
    });
    const first = [setText(store, 'a', '1'), setText(store, 'b', '1')];
    const entry = { key: 'b', bytes: Buffer.from('2'), ttl: 1000 };
    const write = store.setMany([entry], controller).catch((error: unknown) => error);
    expect(await Promise.all(first)).toEqual(['stored', 'stored']);
    expect(await write).toEqual(new Error('too late'));
    expect(await getText(store, 'b')).toBe('1');
  });

  it('refuses lifetimes that are none', async () => {
    const store = temp.open();
    for (const ttl of [0, -1, 1.5, Number.NaN]) {
      await expect(setText(store, 'a', '1', ttl)).rejects.toThrow('ttl');
      await expect(store.touchMany(['a'], ttl, CALL)).rejects.toThrow('ttl');
    }
  });

  it('serves a cache, and the next one after a restart', async () => {
    let loads = 0;
    const load = (): { city: string } => {
      loads++;
      return { city: 'Zürich' };
    };
    for (let start = 0; start < 2; start++) {
      const cache = createCache<{ city: string }>({
        name: 'cities',
        stores: [sqliteStore({ path: temp.at('cache.db') })],
      });
      expect(await cache.getOrSet('ch', load)).toEqual({ city: 'Zürich' });
      await cache.close();
    }
    expect(loads).toBe(1);
  });

  it('leaves no timer and no log behind when it is closed', async () => {
    const clock = new ManualClock();
    const store = temp.open({ clock });
    await setText(store, 'a', '1');
    await store.close();
    expect(clock.pendingTimers).toBe(0);
    expect(existsSync(temp.at('cache.db-wal'))).toBe(false);
  });
});
