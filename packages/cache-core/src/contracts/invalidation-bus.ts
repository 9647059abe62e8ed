import type { StoreCall } from './cache-store.ts';

/** What a bus tells the cache that has opened it. */
export interface BusListener {
  /** A message was published on the channel, by whomever, this cache included. */
  onMessage(message: string): void;
  /** From now on messages are heard. Comes again after every reconnection. */
  onConnected(): void;
  /** From now on messages may be missed, until the next {@link onConnected}. */
  onDisconnected(): void;
}

/**
 * Carries short messages between the instances of one cache. It may lose messages, and repeat or
 * reorder those of different connections: the cache numbers what must not be missed and proves itself
 * against the shared store when something is. A bus serves one cache, which closes it.
 */
export interface InvalidationBus {
  /** Names it in events and health. */
  readonly name: string;
  /**
   * What carries the messages, such as `'redis'`. A store of the same
   * {@link StoreCapabilities.announces} publishes in the same step as it writes.
   */
  readonly medium: string;
  /** Where on the medium; the same for all instances of one cache, and for no other cache. */
  readonly channel: string;
  /** Begins to listen, and goes on until {@link close}, however often the connection is lost. Never throws. */
  open(listener: BusListener): void;
  /** Rejects when the message was not, or perhaps not, taken by the medium before the deadline. */
  publish(message: string, call: StoreCall): Promise<void>;
  /** Gives up a connection on which nothing is heard any more for a new one. Called after seconds of silence. */
  reconnect?(): void;
  /** Releases what the bus opened, not what it was handed. Idempotent. */
  close(): Promise<void>;
}
