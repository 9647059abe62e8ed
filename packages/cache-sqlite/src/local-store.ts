import { systemClock, type Clock, type Listenable } from '@perf/core';
import type {
  StoreCall,
  StoredEntry,
  StoreFencing,
  StoreHealth,
  StoreWrite,
  WriteResult,
} from '@perf/cache-core';
import { Access } from './session/access.ts';
import type { SqliteDriver } from './database/driver.ts';
import { entriesAfter, keysAfter, type BrowsedPage, type EntryFilter } from './entries/browse.ts';
import { cleanUp, type CleanupPlan, type CleanupStep } from './entries/cleanup.ts';
import { storing } from './entries/storing.ts';
import type { SqliteStoreEvents } from './events.ts';
import { LocalFencing } from './fencing/local-fencing.ts';
import { maintain, Sweeper } from './maintenance/sweeper.ts';
import type { SqliteSettings } from './sqlite-store-options.ts';
import type { StoreBackend } from './store-backend.ts';

/** Pages given back to the file system in one part of a vacuum. */
const VACUUM_PAGES = 64;

/** The store on a database opened in this thread. Every method is one step, taken when it is called. */
export class LocalStore implements StoreBackend {
  readonly fencing: StoreFencing;
  readonly #access: Access;
  readonly #clock: Clock;
  readonly #sweeper: Sweeper;

  constructor(settings: SqliteSettings, clock: Clock = systemClock, driver?: SqliteDriver) {
    this.#clock = clock;
    this.#sweeper = new Sweeper(
      clock,
      settings.sweepInterval,
      () => this.#access.maintain('sweep', maintain) ?? false,
    );
    this.#access = new Access(settings, clock, driver, () => {
      this.#sweeper.start();
    });
    this.fencing = new LocalFencing(this.#access);
  }

  get events(): Listenable<SqliteStoreEvents> {
    return this.#access.events;
  }

  getMany(keys: readonly string[], call: StoreCall): Promise<readonly (StoredEntry | undefined)[]> {
    return this.#access.run('getMany', call, (session) => {
      const now = this.#clock.epoch();
      const { entries } = session;
      const [first] = keys;
      if (keys.length === 1 && first !== undefined) return [entries.get(first, now)];
      return session.read(() => keys.map((key) => entries.get(key, now)));
    });
  }

  setMany(writes: readonly StoreWrite[], call: StoreCall): Promise<readonly WriteResult[]> {
    let bytes = 0;
    for (const write of writes) bytes += write.bytes.length;
    return storing(this.#access, 'setMany', call, bytes, (session, hasRoom) => {
      const { entries, tickets, journal } = session;
      const now = this.#clock.epoch();
      return writes.map((write): WriteResult => {
        tickets.remove(write.key);
        journal.drop(write.key);
        if (hasRoom && entries.fits(write)) {
          entries.put(write, now);
          return 'stored';
        }
        entries.remove(write.key, now);
        return 'refused';
      });
    });
  }

  deleteMany(keys: readonly string[], call: StoreCall): Promise<number> {
    return this.#access.run('deleteMany', call, (session) =>
      session.write(() => {
        const now = this.#clock.epoch();
        let deleted = 0;
        for (const key of keys) {
          session.tickets.remove(key);
          session.journal.drop(key);
          if (session.entries.remove(key, now)) deleted++;
        }
        return deleted;
      }),
    );
  }

  touchMany(keys: readonly string[], ttl: number, call: StoreCall): Promise<void> {
    return this.#access.run('touchMany', call, (session) => {
      session.write(() => {
        const now = this.#clock.epoch();
        for (const key of keys) session.entries.touch(key, ttl, now);
      });
    });
  }

  clear(call: StoreCall): Promise<void> {
    return this.#access.run('clear', call, (session) => {
      session.write(() => {
        session.entries.removeAll();
        session.tickets.removeAll();
        session.journal.dropAll();
      });
    });
  }

  async health(call: StoreCall): Promise<StoreHealth> {
    try {
      return await this.#access.run('health', call, (session) => {
        session.assertInPlace();
        const totals = session.journal.totals();
        return session.db.readonly
          ? { healthy: false, reason: 'the file cannot be written', ...totals }
          : { healthy: true, ...totals };
      });
    } catch (error) {
      return { healthy: false, reason: error instanceof Error ? error.message : String(error) };
    }
  }

  keyPage(prefix: string, after: string, call: StoreCall): Promise<readonly string[]> {
    return this.#access.run('keys', call, (session) =>
      keysAfter(session.db, prefix, after, this.#clock.epoch()),
    );
  }

  entryPage(filter: EntryFilter, after: string, call: StoreCall): Promise<BrowsedPage> {
    return this.#access.run('entries', call, (session) =>
      entriesAfter(session.db, filter, after, this.#clock.epoch()),
    );
  }

  cleanupStep(plan: CleanupPlan, after: number, call: StoreCall): Promise<CleanupStep> {
    return this.#access.run('cleanup', call, (session) => cleanUp(session, plan, after));
  }

  vacuumStep(call: StoreCall): Promise<{ readonly freed: number; readonly more: boolean }> {
    return this.#access.run('vacuum', call, (session) => {
      const { db } = session;
      const freePages = (): number => db.pragma('freelist_count', { simple: true }) as number;
      const before = freePages();
      if (before > 0) db.exec(`PRAGMA incremental_vacuum(${VACUUM_PAGES})`);
      const after = freePages();
      const pageSize = db.pragma('page_size', { simple: true }) as number;
      session.commitsSinceCheckpoint++;
      return { freed: (before - after) * pageSize, more: after > 0 && after < before };
    });
  }

  async close(): Promise<void> {
    this.#sweeper.stop();
    await this.#access.close();
  }
}
