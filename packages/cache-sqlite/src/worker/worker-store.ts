import type { Listenable } from '@perf/core';
import type {
  StoreCall,
  StoredEntry,
  StoreFencing,
  StoreHealth,
  StoreWrite,
  WriteResult,
} from '@perf/cache-core';
import type { BrowsedPage, EntryFilter } from '../entries/browse.ts';
import type { CleanupPlan, CleanupStep } from '../entries/cleanup.ts';
import type { SqliteStoreEvents } from '../events.ts';
import type { SqliteSettings } from '../sqlite-store-options.ts';
import type { StoreBackend, VacuumStep } from '../store-backend.ts';
import { copyBytes } from './own-bytes.ts';
import { WorkerLink, type WorkerProgram } from './worker-link.ts';

/** The program that is run when a store is made with `worker: true`. */
const PROGRAM: WorkerProgram = { url: new URL('./worker-entry.js', import.meta.url) };

/** The store on a database that a worker thread has open. */
export class WorkerStore implements StoreBackend {
  readonly fencing: StoreFencing;
  readonly #link: WorkerLink;

  /** @param program another build of `worker-entry.ts` */
  constructor(settings: SqliteSettings, program: WorkerProgram = PROGRAM) {
    this.#link = new WorkerLink(settings, program);
    this.fencing = createFencing(this.#link);
  }

  get events(): Listenable<SqliteStoreEvents> {
    return this.#link.events;
  }

  starting(): Promise<void> | undefined {
    return this.#link.starting();
  }

  getMany(keys: readonly string[], call: StoreCall): Promise<readonly (StoredEntry | undefined)[]> {
    return this.#link.call('getMany', [keys], call);
  }

  setMany(writes: readonly StoreWrite[], call: StoreCall): Promise<readonly WriteResult[]> {
    const copies = writes.map((write) => copyOf(write));
    return this.#link.call('setMany', [copies], call, {
      transfer: copies.map(({ bytes }) => bytes.buffer),
      unknown: () => writes.map(() => 'unknown'),
    });
  }

  deleteMany(keys: readonly string[], call: StoreCall): Promise<number> {
    return this.#link.call('deleteMany', [keys], call);
  }

  touchMany(keys: readonly string[], ttl: number, call: StoreCall): Promise<void> {
    return this.#link.call('touchMany', [keys, ttl], call);
  }

  clear(call: StoreCall): Promise<void> {
    return this.#link.call('clear', [], call);
  }

  async health(call: StoreCall): Promise<StoreHealth> {
    try {
      return await this.#link.call('health', [], call);
    } catch (error) {
      return { healthy: false, reason: error instanceof Error ? error.message : String(error) };
    }
  }

  keyPage(prefix: string, after: string, call: StoreCall): Promise<readonly string[]> {
    return this.#link.call('keyPage', [prefix, after], call);
  }

  entryPage(filter: EntryFilter, after: string, call: StoreCall): Promise<BrowsedPage> {
    return this.#link.call('entryPage', [filter, after], call);
  }

  cleanupStep(plan: CleanupPlan, after: number, call: StoreCall): Promise<CleanupStep> {
    return this.#link.call('cleanupStep', [plan, after], call);
  }

  vacuumStep(call: StoreCall): Promise<VacuumStep> {
    return this.#link.call('vacuumStep', [], call);
  }

  close(): Promise<void> {
    return this.#link.close();
  }
}

function createFencing(link: WorkerLink): StoreFencing {
  return {
    ticketMany: (requests, call) => link.call('ticketMany', [requests], call),
    renewMany: (tickets, ttl, call) => link.call('renewMany', [tickets, ttl], call),
    releaseMany: (tickets, call) => link.call('releaseMany', [tickets], call),
    fillMany: (entries, call) => {
      const copies = entries.map((entry) => copyOf(entry));
      return link.call('fillMany', [copies], call, {
        transfer: copies.map(({ bytes }) => bytes.buffer),
        unknown: () => entries.map(() => 'unknown'),
      });
    },
    begin: (key, ticket, ttl, call) => link.call('begin', [key, ticket, ttl], call),
    settle: (entry, call) => {
      const copy = copyOf(entry);
      return link.call('settle', [copy], call, {
        transfer: [copy.bytes.buffer],
        unknown: () => 'unknown',
      });
    },
    bump: (members, reached, call) => link.call('bump', [members, reached], call),
    delta: (position, call) => link.call('delta', [position], call),
  };
}

function copyOf<Write extends StoreWrite>(
  write: Write,
): Write & { bytes: Uint8Array<ArrayBuffer> } {
  return { ...write, bytes: copyBytes(write.bytes) };
}
