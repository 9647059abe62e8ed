import type { Listenable } from '@perf/core';
import type {
  StoreCall,
  StoredEntry,
  StoreFencing,
  StoreHealth,
  StoreWrite,
  WriteResult,
} from '@perf/cache-core';
import type { BrowsedPage, EntryFilter } from './entries/browse.ts';
import type { CleanupPlan, CleanupStep } from './entries/cleanup.ts';
import type { SqliteStoreEvents } from './events.ts';

/** What the database does for the store, in this thread or in a worker: every method is one short step. */
export interface StoreBackend {
  readonly fencing: StoreFencing;
  readonly events: Listenable<SqliteStoreEvents>;
  /** As `CacheStore.starting`. */
  starting?(): Promise<void> | undefined;
  getMany(keys: readonly string[], call: StoreCall): Promise<readonly (StoredEntry | undefined)[]>;
  setMany(writes: readonly StoreWrite[], call: StoreCall): Promise<readonly WriteResult[]>;
  deleteMany(keys: readonly string[], call: StoreCall): Promise<number>;
  touchMany(keys: readonly string[], ttl: number, call: StoreCall): Promise<void>;
  clear(call: StoreCall): Promise<void>;
  health(call: StoreCall): Promise<StoreHealth>;
  keyPage(prefix: string, after: string, call: StoreCall): Promise<readonly string[]>;
  entryPage(filter: EntryFilter, after: string, call: StoreCall): Promise<BrowsedPage>;
  cleanupStep(plan: CleanupPlan, after: number, call: StoreCall): Promise<CleanupStep>;
  vacuumStep(call: StoreCall): Promise<VacuumStep>;
  close(): Promise<void>;
}

/** What one part of a vacuum gave back. */
export interface VacuumStep {
  /** In bytes. */
  readonly freed: number;
  readonly more: boolean;
}
