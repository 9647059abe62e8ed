import { ChannelEmitter, defineChannel, type Channel, type ChannelMessage } from '@perf/core';
import type { RedisServerError } from './errors.ts';

/** What a {@link RedisStore} reports by `on`. */
export interface RedisStoreEvents {
  /** Another server answers than before, or the same one begun anew. */
  readonly replaced: { readonly how: 'failover' | 'restart' };
  /** How a server is set up endangers what it holds; once for each cause. */
  readonly warning: { readonly error: RedisServerError };
  /** Something lay under the keys that is no value; it was removed, and counts as absent. */
  readonly damaged: { readonly keys: readonly string[] };
  /** Redis has no room, and evicts nothing: entries were refused. */
  readonly full: { readonly operation: string; readonly entries: number };
  /** A connection failed, or one node of a cluster did not do its part of a call. */
  readonly trouble: { readonly operation: string; readonly error: Error };
}

/** Every event that there is. */
const STORE_EVENTS: readonly (keyof RedisStoreEvents)[] = [
  'replaced',
  'warning',
  'damaged',
  'full',
  'trouble',
];

/** A message on the channel `perf:cache:redis`. */
export type RedisStoreMessage = ChannelMessage<RedisStoreEvents, { readonly store: string }>;

/** What a {@link RedisBus} reports by `on`. */
export interface RedisBusEvents {
  /** Messages are heard from now on. */
  readonly connect: { readonly channel: string };
  /** Messages may be missed from now on. */
  readonly disconnect: { readonly channel: string };
  /** A connection, or the subscription, failed; it is tried again. */
  readonly trouble: { readonly operation: string; readonly error: Error };
}

/** Every event that there is. */
const BUS_EVENTS: readonly (keyof RedisBusEvents)[] = ['connect', 'disconnect', 'trouble'];

/** A message on the channel `perf:cache:redis-bus`. */
export type RedisBusMessage = ChannelMessage<RedisBusEvents, { readonly bus: string }>;

/** Every event of every bus of the process. */
const busChannel: Channel<RedisBusMessage> = defineChannel('cache', 'redis-bus');

/** Tells the listeners of one bus, and the channel. */
export class BusEvents extends ChannelEmitter<RedisBusEvents, { readonly bus: string }> {
  constructor(bus: string) {
    super(BUS_EVENTS, busChannel, { bus });
  }
}

/** Every event of every Redis store of the process. */
const redisChannel: Channel<RedisStoreMessage> = defineChannel('cache', 'redis');

/** Tells the listeners of one store, and the channel. */
export class StoreEvents extends ChannelEmitter<RedisStoreEvents, { readonly store: string }> {
  constructor(store: string) {
    super(STORE_EVENTS, redisChannel, { store });
  }
}
