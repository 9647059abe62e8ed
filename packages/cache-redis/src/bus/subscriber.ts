import type { Clock, Timer } from '@perf/core';
import type { Connection } from '../client/connection.ts';
import { isCluster, type RedisConnection } from '../client/redis-client.ts';
import { withoutCommand } from '../client/driver-errors.ts';

/** The pause before the second attempt, in milliseconds; it doubles while attempts fail. */
const FIRST_PAUSE = 50;
const LONGEST_PAUSE = 2000;

/** What a subscriber's connection has, whatever the client that it is like has. One attempt; we try again. */
const SETTINGS = {
  enableOfflineQueue: false,
  autoResubscribe: false,
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: 0,
  lazyConnect: true,
  retryStrategy: null,
  connectTimeout: 5000,
  commandTimeout: 5000,
};

/** What a {@link Subscriber} tells. */
export interface SubscriberListener {
  onMessage(message: string): void;
  onConnected(): void;
  onDisconnected(): void;
  onTrouble(operation: string, error: Error): void;
}

/**
 * Hears one channel, on a connection of its own that is like that of the client. In a cluster it leads to
 * any master: every node hears what is published on any other.
 */
export class Subscriber {
  readonly #connection: Connection;
  readonly #channel: string;
  readonly #clock: Clock;
  readonly #listener: SubscriberListener;
  #present: RedisConnection | undefined;
  #hears = false;
  /** Counts the attempts; an older one has no say. */
  #attempt = 0;
  #pause = 0;
  #timer: Timer | undefined;
  #closed = false;

  constructor(connection: Connection, channel: string, clock: Clock, listener: SubscriberListener) {
    this.#connection = connection;
    this.#channel = channel;
    this.#clock = clock;
    this.#listener = listener;
  }

  /** Begins to listen; or gives up the present connection for a new one. */
  renew(): void {
    if (this.#closed) return;
    this.#drop();
    this.#pause = 0;
    void this.#try();
  }

  close(): void {
    this.#closed = true;
    this.#drop();
  }

  async #try(): Promise<void> {
    const attempt = ++this.#attempt;
    const isOver = (): boolean => attempt !== this.#attempt;
    let node: RedisConnection | undefined;
    try {
      const like = await this.#nodeToHear();
      if (isOver()) return;
      node = like.duplicate(SETTINGS);
      this.#present = node;
      this.#attach(node, isOver);
      await node.connect();
      await node.call('subscribe', this.#channel);
      if (isOver()) return;
      this.#pause = 0;
      this.#hears = true;
      this.#listener.onConnected();
    } catch (error) {
      if (isOver()) return;
      this.#listener.onTrouble('subscribe', withoutCommand(error) as Error);
      this.#lost();
    }
  }

  #attach(node: RedisConnection, isOver: () => boolean): void {
    node.on('message', (channel, message) => {
      if (!isOver() && channel === this.#channel) this.#listener.onMessage(message as string);
    });
    // Without a listener the driver prints its errors; the attempt, or the loss, is told by itself.
    node.on('error', (error) => {
      if (!isOver()) this.#listener.onTrouble('connect', error as Error);
    });
    node.on('close', () => {
      if (!isOver() && this.#hears) this.#lost();
    });
  }

  async #nodeToHear(): Promise<RedisConnection> {
    const client = await this.#connection.client();
    if (!isCluster(client)) return client;
    await this.#connection.open();
    const masters = client.nodes('master');
    // Another one at each attempt.
    const node = masters[this.#attempt % masters.length];
    if (node === undefined) throw new Error('no master of the cluster is known');
    return node;
  }

  #lost(): void {
    this.#drop();
    this.#pause = Math.min(Math.max(2 * this.#pause, FIRST_PAUSE), LONGEST_PAUSE);
    this.#timer = this.#clock.setTimer(() => void this.#try(), this.#pause);
  }

  #drop(): void {
    this.#attempt++;
    this.#timer?.cancel();
    this.#present?.disconnect();
    this.#present = undefined;
    if (!this.#hears) return;
    this.#hears = false;
    this.#listener.onDisconnected();
  }
}
