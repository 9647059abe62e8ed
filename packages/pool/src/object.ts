export {
  createBufferPool,
  type BufferLease,
  type BufferPool,
  type BufferPoolOptions,
  type BufferPoolStats,
} from './object/buffer-pool.ts';
export { createObjectPool, type DrainOptions, type ObjectPool } from './object/object-pool.ts';
export type { CreateContext, ObjectPoolOptions } from './object/options.ts';
export type { Lease } from './object/lease.ts';
export type { DestroyEvent, PoolErrorEvent, PoolEvents } from './object/telemetry.ts';
export type { LeakEvent } from './leaks/leak-watch.ts';
