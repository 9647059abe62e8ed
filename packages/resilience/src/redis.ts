export { LimiterUnavailableError } from './errors.ts';
export type { RedisRateLimiterOptions } from './redis/options.ts';
export type { RedisLimiterClient } from './redis/redis-client.ts';
export { redisRateLimiter, type RedisRateLimiter } from './redis/redis-rate-limiter.ts';
export type {
  FailMode,
  LimiterMode,
  LimiterModeEvent,
  LimiterTroubleEvent,
  RedisLimiterEvents,
  RedisLimiterSnapshot,
} from './redis/telemetry.ts';
