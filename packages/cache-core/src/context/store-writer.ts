import type { Fence } from '../invalidation/fences.ts';
import type { LocalEntry } from '../local/local-entry.ts';
import type { StoreGate } from '../stores/store-gate.ts';

/** An entry on its way to the stores; without bytes it cannot be stored. */
export interface EntryWrite<V> {
  readonly key: string;
  readonly entry: LocalEntry<V>;
  readonly bytes: Uint8Array | undefined;
  /** Of who read or loaded it: outdated by the time it is sent, it is deleted instead. */
  readonly fence?: Fence;
}

/** Writes entries to stores without a condition. */
export interface StoreWriter<V> {
  /**
   * What cannot be stored, or what the store refuses, is deleted there, so that no older value stays;
   * what may have been applied or not becomes a pending delete. Never rejects.
   */
  writeMany(gate: StoreGate, writes: readonly EntryWrite<V>[]): Promise<'applied' | 'queued'>;
  /** As {@link writeMany}; single writes of one turn of the event loop are sent together. */
  write(gate: StoreGate, write: EntryWrite<V>): Promise<'applied' | 'queued'>;
}
