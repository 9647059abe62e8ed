export type {
  ClientSource,
  RedisConnectionOptions,
  RedisNodeAddress,
} from './client/client-source.ts';
export type {
  RedisArgument,
  RedisClient,
  RedisCluster,
  RedisConnection,
} from './client/redis-client.ts';
export { RedisNotConnectedError, RedisServerError, type RedisServerProblem } from './errors.ts';
export type {
  RedisBusEvents,
  RedisBusMessage,
  RedisStoreEvents,
  RedisStoreMessage,
} from './events.ts';
export type { RedisBusOptions } from './redis-bus-options.ts';
export { redisBus, type RedisBus } from './redis-bus.ts';
export type { RedisStoreOptions } from './redis-store-options.ts';
export { redisStore, type RedisStore } from './redis-store.ts';
