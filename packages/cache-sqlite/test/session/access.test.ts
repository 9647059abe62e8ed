import {
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { StoreUnavailableError, createCache } from '@perf/cache-core';
import { ManualClock } from '@perf/core/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  SqliteFileError,
  type SqliteDatabase,
  type SqliteDriver,
  type SqliteStore,
} from '../../src/index.ts';
import { SCHEMA_VERSION } from '../../src/database/schema.ts';
import { driver as Driver, driverIsMissing, openRaw } from '../fixtures/driver.ts';
import { CALL, getText, setText, useTempFolder } from '../fixtures/temp-folder.ts';

/** SQLite's own error, as the driver throws it. */
function sqliteError(code: string): Error {
  return Object.assign(new Error(`simulated ${code}`), { code });
}

/** The driver, with a hook before every step of a statement. */
function drivenBy(beforeStep: (sql: string) => void): SqliteDriver {
  return class extends (Driver ?? Object) {
    prepare(sql: string) {
      const base = Driver?.prototype as { prepare(sql: string): Record<string, unknown> };
      const statement = base.prepare.call(this, sql);
      for (const method of ['run', 'get', 'all']) {
        const original = statement[method] as (...args: unknown[]) => unknown;
        statement[method] = (...args: unknown[]) => {
          beforeStep(sql);
          return original.apply(statement, args);
        };
      }
      return statement;
    }
  } as never;
}

describe.skipIf(driverIsMissing)('a damaged file', () => {
  const temp = useTempFolder();
  const asideOf = (): string[] =>
    readdirSync(temp.at('.')).filter((name) => /\.corrupt-[^.]*$/.test(name));
  let movedTo: string[];

  function listen(store: SqliteStore): SqliteStore {
    store.on('corrupt', (event) => movedTo.push(event.movedTo));
    return store;
  }

  beforeEach(() => {
    movedTo = [];
  });

  it('that is no database is set aside and replaced', async () => {
    writeFileSync(temp.at('cache.db'), 'this is not a database, and never was '.repeat(100));
    const store = listen(temp.open());
    expect(await setText(store, 'a', '1')).toBe('stored');
    expect(await getText(store, 'a')).toBe('1');
    expect(movedTo).toHaveLength(1);
    expect(readFileSync(movedTo[0] ?? '', 'utf8')).toContain('this is not a database');
    expect(asideOf()).toHaveLength(1);
  });

  it.each([10, 1000, 5000])(
    'cut to %i bytes is set aside, or what is read is right',
    async (length) => {
      await fillFile();
      truncateSync(temp.at('cache.db'), length);
      const store = listen(temp.open());
      for (let n = 0; n < 100; n++) {
        expect([undefined, `value ${n} `.repeat(50)]).toContain(await getText(store, `key ${n}`));
      }
      expect(await setText(store, 'new', '1')).toBe('stored');
      expect(await getText(store, 'new')).toBe('1');
      expect(movedTo).toHaveLength(1);
    },
  );

  it('with garbage in its pages never answers with garbage, and goes on', async () => {
    await fillFile();
    const bytes = readFileSync(temp.at('cache.db'));
    for (let at = 8192; at < bytes.length; at += 4096) bytes.fill(0xa5, at, at + 512);
    writeFileSync(temp.at('cache.db'), bytes);
    const store = listen(temp.open());
    for (let n = 0; n < 100; n++) {
      expect([undefined, `value ${n} `.repeat(50)]).toContain(await getText(store, `key ${n}`));
    }
    expect(await setText(store, 'new', '1')).toBe('stored');
    expect(movedTo).toHaveLength(1);
  });

  it('damaged while it is open is replaced, and the call that found out is answered', async () => {
    let broken = false;
    const store = listen(
      temp.open({
        driver: drivenBy((sql) => {
          if (broken && sql.includes('FROM entries WHERE key')) {
            broken = false;
            throw sqliteError('SQLITE_CORRUPT_INDEX');
          }
        }),
      }),
    );
    const idBefore = (await store.fencing.delta({ seq: 0, drop: 0 }, CALL)).id;
    await setText(store, 'a', '1');
    broken = true;
    const answers = await Promise.all([getText(store, 'a'), setText(store, 'b', '2')]);
    expect(answers).toEqual([undefined, 'stored']);
    expect(movedTo).toHaveLength(1);
    const delta = await store.fencing.delta({ seq: 0, drop: 0 }, CALL);
    expect(delta.id).not.toBe(idBefore);
  });

  it('that lacks a table although the version is ours is replaced', async () => {
    await fillFile();
    const raw = openRaw(temp.at('cache.db'));
    raw.exec('DROP TABLE tickets');
    raw.close();
    const store = listen(temp.open());
    expect(await setText(store, 'a', '1')).toBe('stored');
    expect(movedTo).toHaveLength(1);
  });

  it('is kept for inspection, but only the last three', async () => {
    const clock = new ManualClock();
    for (let n = 0; n < 5; n++) {
      writeFileSync(temp.at('cache.db'), `broken ${n}`.repeat(1000));
      const store = temp.open({ clock });
      await setText(store, 'a', '1');
      await store.close();
      clock.advance(n === 2 ? 0 : 1000);
    }
    const kept = asideOf().toSorted();
    expect(kept.map((name) => readFileSync(temp.at(name), 'utf8').slice(0, 8))).toEqual([
      'broken 2',
      'broken 3',
      'broken 4',
    ]);
  });

  it('does not make the store try for ever', async () => {
    const store = listen(
      temp.open({
        driver: drivenBy((sql) => {
          if (sql.includes('FROM entries')) throw sqliteError('SQLITE_CORRUPT');
        }),
      }),
    );
    await expect(getText(store, 'a')).rejects.toBeInstanceOf(StoreUnavailableError);
    expect(movedTo.length).toBeLessThan(5);
  });

  async function fillFile(): Promise<void> {
    const store = temp.open();
    for (let n = 0; n < 100; n++) await setText(store, `key ${n}`, `value ${n} `.repeat(50));
    await store.close();
  }
});

describe.skipIf(driverIsMissing)('a file that is not ours', () => {
  const temp = useTempFolder();

  it('is refused and left as it is', async () => {
    const raw = openRaw(temp.at('cache.db'));
    raw.exec('CREATE TABLE customers (name TEXT)');
    raw.close();
    const before = readFileSync(temp.at('cache.db'));
    const store = temp.open();
    await expect(setText(store, 'a', '1')).rejects.toBeInstanceOf(SqliteFileError);
    await expect(getText(store, 'a')).rejects.toMatchObject({ problem: 'foreign' });
    expect((await store.health(CALL)).reason).toContain('another program');
    await store.close();
    expect(readFileSync(temp.at('cache.db')).equals(before)).toBe(true);
  });

  it('is refused when a newer version wrote it', async () => {
    await setText(temp.open(), 'a', '1');
    const raw = openRaw(temp.at('cache.db'));
    raw.pragma(`user_version = ${SCHEMA_VERSION + 1}`);
    raw.close();
    await expect(getText(temp.open(), 'a')).rejects.toMatchObject({ problem: 'newer' });
  });
});

describe.skipIf(driverIsMissing)('a file that is gone', () => {
  const temp = useTempFolder();

  it('is made again for the next write, and what was in it is not served on', async () => {
    const store = temp.open();
    const replaced: string[] = [];
    store.on('replaced', ({ path }) => replaced.push(path));
    await setText(store, 'a', '1');
    for (const suffix of ['', '-wal', '-shm']) rmSync(temp.at(`cache.db${suffix}`));
    expect(await setText(store, 'b', '2')).toBe('stored');
    expect(await getText(store, 'a')).toBeUndefined();
    expect(replaced).toEqual([temp.at('cache.db')]);
  });

  it('is noticed by delta, which then speaks of another ledger', async () => {
    const store = temp.open();
    const { id } = await store.fencing.delta({ seq: 0, drop: 0 }, CALL);
    for (const suffix of ['', '-wal', '-shm']) {
      renameSync(temp.at(`cache.db${suffix}`), temp.at(`away${suffix}`));
    }
    expect((await store.fencing.delta({ seq: 0, drop: 0 }, CALL)).id).not.toBe(id);
  });

  it('replaced by another process loses nothing when the former one is let go', async () => {
    const store = temp.open();
    await setText(store, 'old', '1');
    for (const suffix of ['-shm', '-wal', '']) {
      renameSync(temp.at(`cache.db${suffix}`), temp.at(`away${suffix}`));
    }
    const other = temp.open();
    await setText(other, 'a', '1');
    // Closes the former file, whose log had the name of the new one's.
    expect(await getText(store, 'old')).toBe('1');
    expect(await setText(store, 'b', '2')).toBe('stored');
    await other.close();
    await store.close();
    const third = temp.open();
    expect([await getText(third, 'a'), await getText(third, 'b')]).toEqual(['1', '2']);
  });
});

describe.skipIf(driverIsMissing)('a full file', () => {
  const temp = useTempFolder();

  it('makes room by evicting, and takes the new entry', async () => {
    const store = temp.open({ maxFileBytes: '256kb' });
    const evicted: string[] = [];
    store.on('evict', ({ reason }) => evicted.push(reason));
    for (let n = 0; n < 500; n++) {
      expect(await setText(store, `key ${n}`, 'x'.repeat(1000))).toBe('stored');
    }
    expect(await getText(store, 'key 499')).toBeDefined();
    expect(new Set(evicted)).toEqual(new Set(['full']));
    const raw = openRaw(temp.at('cache.db'), { readonly: true });
    expect(Number(raw.pragma('page_count', { simple: true })) * 4096).toBeLessThanOrEqual(262_144);
    raw.close();
  });

  it('refuses what can never fit, the older value is gone and smaller ones go on', async () => {
    const store = temp.open({ maxFileBytes: '256kb' });
    await setText(store, 'a', 'old');
    expect(await setText(store, 'a', 'x'.repeat(400_000))).toBe('refused');
    expect(await getText(store, 'a')).toBeUndefined();
    expect(await setText(store, 'a', 'small')).toBe('stored');
    const { fencing } = store;
    await fencing.ticketMany([{ key: 'b', ticket: 't', ttl: 1000 }], CALL);
    const large = { key: 'b', bytes: Buffer.alloc(400_000), ttl: 1000 };
    expect(await fencing.fillMany([{ ...large, ticket: 't' }], CALL)).toEqual(['refused']);
    expect(await fencing.releaseMany([{ key: 'b', ticket: 't' }], CALL)).toEqual([true]);
  });

  it('keeps what it holds when a value comes that can never fit', async () => {
    const store = temp.open({ maxFileBytes: '256kb' });
    let evicted = 0;
    store.on('evict', ({ entries }) => (evicted += entries));
    for (let n = 0; n < 40; n++) await setText(store, `key ${n}`, 'x'.repeat(4000));
    evicted = 0;
    expect(await setText(store, 'a', 'x'.repeat(250_000))).toBe('refused');
    expect(await setText(store, 'k'.repeat(120_000), 'x')).toBe('refused');
    const halves = ['b', 'c', 'd'].map((key) => ({ key, bytes: Buffer.alloc(90_000), ttl: 1000 }));
    expect(await store.setMany(halves, CALL)).toEqual(['refused', 'refused', 'refused']);
    expect(evicted).toBe(0);
    expect(await getText(store, 'key 39')).toBeDefined();
    expect(await store.health(CALL)).toMatchObject({ entries: 40 });
  });

  it('takes the largest value that it admits when nothing else is in it', async () => {
    const store = temp.open({ maxFileBytes: '128kb', maxValueBytes: 22 * 4092 - 200 });
    expect(await setText(store, 'a', 'x'.repeat(22 * 4092 - 200))).toBe('stored');
  });

  it('on a disk that takes no byte more rejects, and works again when there is room', async () => {
    let full = false;
    const store = temp.open({
      driver: drivenBy((sql) => {
        if (full && /^(INSERT|UPDATE|DELETE|REPLACE)/.test(sql)) throw sqliteError('SQLITE_FULL');
      }),
    });
    await setText(store, 'a', '1');
    full = true;
    await expect(setText(store, 'a', '2')).rejects.toBeInstanceOf(StoreUnavailableError);
    expect(await getText(store, 'a')).toBe('1');
    full = false;
    expect(await setText(store, 'a', '2')).toBe('stored');
    expect(await store.health(CALL)).toMatchObject({ entries: 1 });
  });

  it('does not hurt the caller of a cache', async () => {
    const cache = createCache<string>({
      name: 'full',
      stores: [temp.open({ maxFileBytes: '128kb' })],
    });
    const value = 'x'.repeat(500_000);
    expect(await cache.getOrSet('a', () => value)).toBe(value);
    await cache.close();
  });
});

describe.skipIf(driverIsMissing)('a file that cannot be opened or written', () => {
  const temp = useTempFolder();

  it('rejects with a clear error, and health says why', async () => {
    writeFileSync(temp.at('file'), '');
    const store = temp.open({ path: temp.at('file/cache.db') });
    await expect(setText(store, 'a', '1')).rejects.toBeInstanceOf(StoreUnavailableError);
    await expect(getText(store, 'a')).rejects.toMatchObject({
      store: 'sqlite',
      cause: expect.objectContaining({ code: 'ENOTDIR' }) as Error,
    });
    expect((await store.health(CALL)).reason).toContain('ENOTDIR');
  });

  it('is told by the events of a cache, once and down to the bottom', async () => {
    writeFileSync(temp.at('file'), '');
    const store = temp.open({ path: temp.at('file/cache.db') });
    const cache = createCache<string>({ stores: [store] });
    const messages: string[] = [];
    cache.on('error', ({ error }) => messages.push((error as Error).message));
    expect(await cache.getOrSet('a', () => 'loaded')).toBe('loaded');
    expect(messages[0]).toMatch(/^store "sqlite" failed at \w+: ENOTDIR: not a directory, [^:]+$/);
    await cache.close();
  });

  it('that is a folder is refused with its path, and what to do', async () => {
    const folder = path.dirname(temp.at('cache.db'));
    await expect(getText(temp.open({ path: folder }), 'a')).rejects.toMatchObject({
      problem: 'folder',
      message: `${folder} is a folder; give the path of a file, such as one in it`,
    });
  });

  it('is opened for reading when it cannot be for writing', async () => {
    await setText(temp.open(), 'a', '1');
    const ReadOnly = class extends (Driver ?? Object) {
      constructor(...args: [string, { readonly?: boolean }]) {
        if (args[1].readonly !== true) throw sqliteError('SQLITE_CANTOPEN');
        super(...args);
      }
    };
    const store = temp.open({ driver: ReadOnly as never });
    expect(await getText(store, 'a')).toBe('1');
    await expect(setText(store, 'a', '2')).rejects.toMatchObject({
      cause: expect.objectContaining({ code: 'SQLITE_READONLY' }) as Error,
    });
    expect(await store.health(CALL)).toMatchObject({ healthy: false, entries: 1 });
    expect(await getText(store, 'a')).toBe('1');
  });

  it('is written again as soon as it can be', async () => {
    const clock = new ManualClock();
    let readOnly = false;
    const store = temp.open({
      clock,
      driver: drivenBy((sql) => {
        if (readOnly && sql === 'BEGIN IMMEDIATE') throw sqliteError('SQLITE_READONLY');
      }),
    });
    await setText(store, 'a', '1');
    readOnly = true;
    clock.advance(10_000);
    await expect(setText(store, 'a', '2')).rejects.toBeInstanceOf(StoreUnavailableError);
    expect(await getText(store, 'a')).toBe('1');
    readOnly = false;
    expect(await setText(store, 'a', '2')).toBe('stored');
  });

  it('is opened anew after an error of the disk', async () => {
    let failing = false;
    const store = temp.open({
      driver: drivenBy((sql) => {
        if (failing && sql === 'BEGIN IMMEDIATE') throw sqliteError('SQLITE_IOERR_WRITE');
      }),
    });
    await setText(store, 'a', '1');
    failing = true;
    await expect(setText(store, 'a', '2')).rejects.toBeInstanceOf(StoreUnavailableError);
    failing = false;
    expect(await getText(store, 'a')).toBe('1');
  });
});

describe.skipIf(driverIsMissing)('a locked file', () => {
  const temp = useTempFolder();

  /** A store that has `a` stored, a connection that holds the lock, and how often the lock was tried. */
  async function lock(lockTimeout: number): Promise<{
    readonly store: SqliteStore;
    readonly clock: ManualClock;
    readonly busy: readonly string[];
    readonly attempts: () => number;
    readonly unlock: () => void;
  }> {
    const clock = new ManualClock();
    let attempts = 0;
    const store = temp.open({
      clock,
      lockTimeout,
      driver: drivenBy((sql) => {
        if (sql === 'BEGIN IMMEDIATE') attempts++;
      }),
    });
    const busy: string[] = [];
    store.on('busy', ({ operation }) => busy.push(operation));
    await setText(store, 'a', '1');
    const other = openRaw(temp.at('cache.db'));
    other.exec('BEGIN IMMEDIATE');
    attempts = 0;
    return { store, clock, busy, attempts: () => attempts, unlock: () => other.close() };
  }

  it('is waited for by writes between turns of the loop', async () => {
    const { store, clock, busy, attempts, unlock } = await lock(200);
    const write = setText(store, 'a', '2');
    expect(attempts()).toBe(1);
    await clock.advanceAsync(100);
    unlock();
    await clock.advanceAsync(8);
    expect(await write).toBe('stored');
    expect(busy).toEqual([]);
  });

  it('does not stop reads, which come after the writes that were called before', async () => {
    const { store, clock, unlock } = await lock(200);
    expect(await getText(store, 'a')).toBe('1');
    const write = setText(store, 'a', '2');
    const read = getText(store, 'a');
    unlock();
    await clock.advanceAsync(8);
    expect([await write, await read]).toEqual(['stored', '2']);
  });

  it('that stays taken rejects each write after its own lockTimeout', async () => {
    const { store, clock, busy, unlock } = await lock(50);
    const outcomes: unknown[] = [];
    const write = async (): Promise<void> => {
      outcomes.push(await setText(store, 'a', '2').catch((error: unknown) => error));
    };
    const first = write();
    await clock.advanceAsync(30);
    const second = write();
    await clock.advanceAsync(28);
    await first;
    expect(outcomes).toEqual([
      expect.objectContaining({
        code: 'PERF_CACHE_STORE',
        cause: expect.objectContaining({ code: 'SQLITE_BUSY' }) as Error,
      }),
    ]);
    await clock.advanceAsync(30);
    await second;
    expect(outcomes).toHaveLength(2);
    expect(busy).toEqual(['setMany', 'setMany']);
    unlock();
    expect(await setText(store, 'a', '3')).toBe('stored');
  });

  it('with lockTimeout 0 rejects at once', async () => {
    const { store, busy, unlock } = await lock(0);
    await expect(setText(store, 'a', '2')).rejects.toBeInstanceOf(StoreUnavailableError);
    expect(busy).toEqual(['setMany']);
    unlock();
  });

  it('is got by writes in the order of their calls', async () => {
    const { store, clock, unlock } = await lock(200);
    const writes = [setText(store, 'a', '2'), setText(store, 'a', '3')];
    unlock();
    writes.push(setText(store, 'a', '4'));
    await clock.advanceAsync(8);
    expect(await Promise.all(writes)).toEqual(['stored', 'stored', 'stored']);
    expect(await getText(store, 'a')).toBe('4');
  });

  it('is no more waited for by a write that is given up, which is never applied', async () => {
    const { store, clock, attempts, unlock } = await lock(200);
    const controller = new AbortController();
    const entry = { key: 'a', bytes: Buffer.from('2'), ttl: 1000 };
    const write = store.setMany([entry], controller);
    controller.abort(new Error('too late'));
    await expect(write).rejects.toThrow('too late');
    await clock.advanceAsync(200);
    expect(attempts()).toBe(1);
    unlock();
    expect(await getText(store, 'a')).toBe('1');
  });

  it('is waited for by close, for the sake of what was asked for before', async () => {
    const { store, clock, unlock } = await lock(200);
    const write = setText(store, 'a', '2');
    const closed = store.close();
    unlock();
    await clock.advanceAsync(8);
    expect(await write).toBe('stored');
    await closed;
    expect(await getText(temp.open(), 'a')).toBe('2');
  });

  it('is waited for without blocking while it is opened', async () => {
    const clock = new ManualClock();
    const other = openRaw(temp.at('cache.db'));
    other.exec('BEGIN EXCLUSIVE');
    const store = temp.open({ clock });
    const write = setText(store, 'a', '1');
    await clock.advanceAsync(30);
    other.exec('ROLLBACK');
    other.close();
    await clock.advanceAsync(10);
    expect(await write).toBe('stored');
  });

  it('is waited for by SQLite itself, with the loop blocked, for 5 ms while opening and not at all then', async () => {
    const timeouts: unknown[] = [];
    const databases: SqliteDatabase[] = [];
    const Watched = class extends (Driver as new (...args: unknown[]) => SqliteDatabase) {
      constructor(...args: unknown[]) {
        super(...args);
        databases.push(this);
        timeouts.push(this.pragma('busy_timeout', { simple: true }));
      }
    };
    const store = temp.open({ driver: Watched, lockTimeout: '5s' });
    await setText(store, 'a', '1');
    for (const db of databases) timeouts.push(db.pragma('busy_timeout', { simple: true }));
    expect(timeouts).toEqual([5, 0]);
  });

  it('for too long rejects', async () => {
    const clock = new ManualClock();
    const other = openRaw(temp.at('cache.db'));
    other.exec('BEGIN EXCLUSIVE');
    const write = setText(temp.open({ clock }), 'a', '1').catch((error: unknown) => error);
    await clock.advanceAsync(1000);
    expect(await write).toBeInstanceOf(StoreUnavailableError);
    other.close();
  });
});
