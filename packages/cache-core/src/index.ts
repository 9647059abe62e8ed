export type {
  CacheStore,
  StoreCall,
  StoreCapabilities,
  StoredEntry,
  StoreHealth,
  StoreListener,
  StoreWrite,
  WriteResult,
} from './contracts/cache-store.ts';
export type { Codec } from './contracts/codec.ts';
export type { BusListener, InvalidationBus } from './contracts/invalidation-bus.ts';
export type {
  BumpReply,
  LedgerDelta,
  LedgerFact,
  LedgerKind,
  LedgerMember,
  LedgerPosition,
  StoreFencing,
  TicketedWrite,
  TicketRef,
  TicketReply,
  TicketRequest,
} from './contracts/store-fencing.ts';
export type { StoreNews } from './contracts/store-news.ts';
export {
  CacheFullError,
  CacheMissError,
  InvalidKeyError,
  LoadCycleError,
  LoadQueueFullError,
  LoadTimeoutError,
  PendingLostError,
  SerializationError,
  StoreRefusedError,
  StoreUnavailableError,
  type StoreUnavailableErrorOptions,
  type MissReason,
} from './errors.ts';
export { compilePattern, escapePattern, type KeyPattern } from './invalidation/pattern.ts';
export {
  combineStats,
  type CombinableStats,
  type CombinedCacheStats,
  type CombinedStats,
} from './memory/stats/combine-stats.ts';
export { createMemoryCache } from './memory/create-memory-cache.ts';
export type { MemoryCacheOptions, MemoryCachePolicy } from './memory/memory-cache-options.ts';
export type { MemoryCacheStats } from './memory/stats/memory-cache-stats.ts';
export type {
  MemoryCache,
  MemoryCacheBounds,
  MemoryCacheEvents,
  MemorySetOptions,
  Removal,
  RemovalReason,
} from './memory/memory-cache.ts';
export type { EntryContext, LoadContext, Loader } from './loading/load-context.ts';
export type { LoadManyContext, ManyLoader } from './loading/load-many.ts';
export type { Reservation } from './loading/reservation.ts';
export type { WriteOptions } from './entries/entry-terms.ts';
export type {
  CacheErrorEvent,
  CacheInvalidateEvent,
  CacheOverflowEvent,
  CacheLoadEvent,
  CacheStoreEvent,
  TieredCacheEvents,
} from './context/events.ts';
export type { Explanation, TierExplanation } from './tiered/explain.ts';
export type { BusStatus, CacheHealth, StoreStatus } from './tiered/health.ts';
export type { LoadOptions } from './tiered/load-through.ts';
export type { MemoryTierOptions, TieredCacheOptions } from './context/options.ts';
export type { CacheHit, CacheMiss, CacheResult, LoadResult, Outcome } from './tiered/results.ts';
export type { TieredCacheStats, TierStats } from './context/stats.ts';
export { createCache, type TieredCache } from './tiered/tiered-cache.ts';
export type { WarmOptions, WarmProgress } from './tiered/warm.ts';
export type { SourceWrite } from './tiered/write-through.ts';
export type { CompressionAlgorithm, CompressionOptions } from './codec/compression.ts';
export { nonceOf, readEnvelopeHeader, type EnvelopeHeader } from './codec/envelope.ts';
export { jsonCodec } from './codec/json-codec.ts';
export { richCodec } from './codec/rich-codec.ts';
