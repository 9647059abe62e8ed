export type {
  CacheStore,
  StoreCall,
  StoreCapabilities,
  StoredEntry,
  StoreHealth,
  StoreWrite,
  WriteResult,
} from './contracts/cache-store.ts';
export type { Codec } from './contracts/codec.ts';
export type {
  BumpReply,
  LedgerDelta,
  LedgerFact,
  LedgerKind,
  LedgerMember,
  LedgerPosition,
  StoreFencing,
  TicketReply,
  TicketRequest,
} from './contracts/store-fencing.ts';
export {
  CacheFullError,
  CacheMissError,
  InvalidKeyError,
  LoadTimeoutError,
  SerializationError,
  StoreUnavailableError,
  type MissReason,
} from './errors.ts';
export {
  compilePattern,
  escapePattern,
  MAX_PATTERN_LENGTH,
  type KeyPattern,
} from './invalidation/pattern.ts';
export {
  combineStats,
  type CombinableStats,
  type CombinedCacheStats,
  type CombinedStats,
} from './memory/combine-stats.ts';
export { createMemoryCache } from './memory/create-memory-cache.ts';
export type { MemoryCacheOptions, MemoryCachePolicy } from './memory/memory-cache-options.ts';
export type { MemoryCacheStats } from './memory/memory-cache-stats.ts';
export type {
  MemoryCache,
  MemoryCacheBounds,
  MemoryCacheEvents,
  MemorySetOptions,
  Removal,
  RemovalReason,
} from './memory/memory-cache.ts';
