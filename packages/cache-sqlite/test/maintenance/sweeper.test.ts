import { ManualClock } from '@perf/core/testing';
import { describe, expect, it } from 'vitest';
import type { SqliteStore } from '../../src/index.ts';
import { driver as Driver, driverIsMissing, openRaw } from '../fixtures/driver.ts';
import { CALL, getText, setText, useTempFolder } from '../fixtures/temp-folder.ts';

describe.skipIf(driverIsMissing)('maintenance', () => {
  const temp = useTempFolder();
  const rows = (): number => {
    const raw = openRaw(temp.at('cache.db'), { readonly: true });
    const count = raw.prepare('SELECT count(*) FROM entries').pluck().get() as number;
    raw.close();
    return count;
  };
  async function fill(store: SqliteStore, count: number, ttl: number): Promise<void> {
    const bytes = Buffer.from('x');
    const writes = Array.from({ length: count }, (_, n) => ({ key: `key ${n}`, bytes, ttl }));
    await store.setMany(writes, CALL);
  }

  it('removes expired entries by itself, a limited number at a time', async () => {
    const clock = new ManualClock();
    const store = temp.open({ clock, sweepInterval: '1s' });
    await fill(store, 1000, 500);
    clock.advance(1000);
    expect(rows()).toBe(1000 - 16 * 32);
    clock.advance(10);
    expect(rows()).toBe(0);
    expect(await store.health(CALL)).toMatchObject({ entries: 0, bytes: 0 });
  });

  it('leaves alone what was written again or touched since', async () => {
    const clock = new ManualClock();
    const store = temp.open({ clock, sweepInterval: '1s' });
    await setText(store, 'written', '1', 500);
    await setText(store, 'touched', '1', 500);
    await setText(store, 'endless', '1', 500);
    await setText(store, 'shortened', '1', 100_000);
    await setText(store, 'written', '2', 5000);
    await store.touchMany(['touched'], 5000, CALL);
    await store.touchMany(['endless'], Infinity, CALL);
    await store.touchMany(['shortened'], 500, CALL);
    clock.advance(2000);
    expect(rows()).toBe(3);
    clock.advance(4000);
    expect(rows()).toBe(1);
    expect(await getText(store, 'endless')).toBe('1');
  });

  it('removes tickets that nobody renewed', async () => {
    const clock = new ManualClock();
    const store = temp.open({ clock, sweepInterval: '1s' });
    const tickets = [
      { key: 'a', ticket: 't', ttl: 500 },
      { key: 'b', ticket: 't', ttl: 5000 },
    ];
    await store.fencing.ticketMany(tickets, CALL);
    clock.advance(1000);
    const raw = openRaw(temp.at('cache.db'), { readonly: true });
    expect(raw.prepare('SELECT key FROM tickets').pluck().all()).toEqual(['b']);
    raw.close();
  });

  it('folds the log into the file when commits pause', async () => {
    const clock = new ManualClock();
    const store = temp.open({ clock, sweepInterval: '1s' });
    await setText(store, 'a', '1');
    clock.advance(1000);
    expect(framesToFold()).toBeGreaterThan(0);
    clock.advance(1000);
    expect(framesToFold()).toBe(0);

    function framesToFold(): number {
      const raw = openRaw(temp.at('cache.db'));
      const [{ log, checkpointed }] = raw.pragma('wal_checkpoint(NOOP)') as [
        { log: number; checkpointed: number },
      ];
      raw.close();
      return log - checkpointed;
    }
  });

  it('takes no lock while there is nothing to do', async () => {
    const clock = new ManualClock();
    const begun: string[] = [];
    const Watched = class extends (Driver ?? Object) {
      prepare(sql: string) {
        const base = Driver?.prototype as { prepare(sql: string): { run: () => unknown } };
        const statement = base.prepare.call(this, sql);
        if (sql === 'BEGIN IMMEDIATE') {
          const run = statement.run.bind(statement);
          statement.run = () => {
            begun.push(sql);
            return run();
          };
        }
        return statement;
      }
    };
    const store = temp.open({ clock, sweepInterval: '1s', driver: Watched as never });
    await setText(store, 'a', '1', 100_000);
    begun.length = 0;
    clock.advance(10_000);
    expect(begun).toEqual([]);
  });

  it('writes uses down together, and not at each read', async () => {
    const clock = new ManualClock();
    const store = temp.open({ clock, sweepInterval: '1s', recencyInterval: '10s' });
    await fill(store, 3, Infinity);
    const start = clock.epoch();
    await getText(store, 'key 0');
    clock.advance(9000);
    await getText(store, 'key 1');
    expect(uses()).toEqual([0, 0, 0]);
    clock.advance(2000);
    await getText(store, 'key 1');
    await getText(store, 'key 2');
    expect(uses()).toEqual([0, 0, 0]);
    clock.advance(1000);
    expect(uses()).toEqual([0, 11_000, 11_000]);

    function uses(): number[] {
      const raw = openRaw(temp.at('cache.db'), { readonly: true });
      const used = raw.prepare('SELECT used FROM entries ORDER BY id').pluck().all() as number[];
      raw.close();
      return used.map((time) => time - start);
    }
  });

  it('writes uses down at the latest when the store is closed', async () => {
    const clock = new ManualClock();
    const store = temp.open({ clock, sweepInterval: '1d' });
    await fill(store, 1, Infinity);
    clock.advance(60_000);
    await getText(store, 'key 0');
    await store.close();
    const raw = openRaw(temp.at('cache.db'), { readonly: true });
    const [row] = raw.prepare('SELECT used - created AS age FROM entries').all();
    raw.close();
    expect(row).toEqual({ age: 60_000 });
  });

  it('waits for nobody: while the file is locked it is put off', async () => {
    const clock = new ManualClock();
    const store = temp.open({ clock, sweepInterval: '1s' });
    const trouble: unknown[] = [];
    store.on('trouble', (event) => trouble.push(event));
    await fill(store, 5, 500);
    const other = openRaw(temp.at('cache.db'));
    other.exec('BEGIN IMMEDIATE');
    clock.advance(1000);
    expect(rows()).toBe(5);
    other.exec('ROLLBACK');
    other.close();
    clock.advance(1000);
    expect(rows()).toBe(0);
    expect(trouble).toEqual([]);
  });
});
