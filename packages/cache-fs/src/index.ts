export type { Damage } from './entries/entry-format.ts';
export type { FsStoreEvents, FsStoreStats, RefusalReason } from './fs-store-events.ts';
export type { FsStoreOptions } from './fs-store-options.ts';
export { fsStore, type FsStore } from './fs-store.ts';
