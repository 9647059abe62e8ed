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
