import { ChannelEmitter, defineChannel, type Channel, type ChannelMessage } from '@perf/core';

/** What an {@link SqliteStore} reports by `on`. */
export interface SqliteStoreEvents {
  /** The file was damaged, or no database: it was moved aside and an empty one takes its place. */
  readonly corrupt: { readonly movedTo: string; readonly error: Error };
  /** Another process, or somebody, replaced or removed the file; the store goes on with what is there. */
  readonly replaced: { readonly path: string };
  /** Entries were removed to keep the bounds, or because the disk is full. */
  readonly evict: {
    readonly entries: number;
    readonly bytes: number;
    readonly reason: 'bound' | 'full';
  };
  /** The lock stayed taken for the whole `lockTimeout`; the call rejected. */
  readonly busy: { readonly operation: string };
  /** A sweep or a checkpoint failed; it is tried again. */
  readonly trouble: { readonly operation: string; readonly error: Error };
}

/** Every event that there is. */
export const STORE_EVENTS: readonly (keyof SqliteStoreEvents)[] = [
  'corrupt',
  'replaced',
  'evict',
  'busy',
  'trouble',
];

/** A message on the channel `perf:cache:sqlite`. */
export type SqliteStoreMessage = ChannelMessage<SqliteStoreEvents, { readonly store: string }>;

/** Every event of every SQLite store of the process. */
const sqliteChannel: Channel<SqliteStoreMessage> = defineChannel('cache', 'sqlite');

/** Tells the listeners of one store, and the channel. */
export class StoreEvents extends ChannelEmitter<SqliteStoreEvents, { readonly store: string }> {
  constructor(store: string) {
    super(STORE_EVENTS, sqliteChannel, { store });
  }
}
