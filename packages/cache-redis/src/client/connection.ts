import { abortable, deadlineSignal, type Clock } from '@perf/core';
import type { StoreListener } from '@perf/cache-core';
import { RedisNotConnectedError } from '../errors.ts';
import type { ClientMaker } from './client-source.ts';
import { ClientWatch } from './client-watch.ts';
import { connectTimeoutOf, type RedisClient } from './redis-client.ts';

/** How long a goodbye may take, in milliseconds. */
const LONGEST_GOODBYE = 1000;

/** What a {@link Connection} tells. */
export interface ConnectionListener extends StoreListener {
  /** The client that was made here has an error, such as a refused connection. It goes on trying. */
  onError(error: Error): void;
}

/** One client, made at the first use unless it was handed in, and the watch over its servers. */
export class Connection {
  readonly #maker: ClientMaker;
  readonly #clock: Clock;
  readonly #listener: ConnectionListener;
  /** Those who want to hear of the servers behind the client. */
  readonly #followers: StoreListener[];
  readonly #unfollow: (() => void)[] = [];
  #watch: ClientWatch | undefined;
  #making: Promise<ClientWatch> | undefined;
  /** While the client is made, connects for the first time, and is greeted. */
  #opening: Promise<ClientWatch> | undefined;
  /** One for all who ask, as {@link Connection.starting} may be asked at every call. */
  #starting: Promise<void> | undefined;
  /** Whether the first attempt is over. From then on the driver reconnects by itself. */
  #attempted = false;
  #closed = false;
  /** Why the client that was made here is not connected, as far as it tells. */
  #lastError: Error | undefined;

  constructor(maker: ClientMaker, clock: Clock, listener: ConnectionListener) {
    this.#maker = maker;
    this.#clock = clock;
    this.#listener = listener;
    this.#followers = [listener];
    if (maker.given !== undefined) this.#follow(maker.given);
  }

  /** The watch while commands can be sent at once. */
  get present(): ClientWatch | undefined {
    return this.#watch?.ready === true ? this.#watch : undefined;
  }

  /** As `CacheStore.starting`. */
  starting(): Promise<void> | undefined {
    if (this.#attempted || this.#closed || this.present !== undefined) return undefined;
    this.#starting ??= this.open()
      .then(() => undefined)
      .finally(() => {
        this.#starting = undefined;
      });
    return this.#starting;
  }

  /** The client, connected or not. Rejects when it cannot be made. */
  async client(): Promise<RedisClient> {
    return (this.#watch ?? (await this.#made())).client;
  }

  /**
   * The watch when commands can be sent: at once, or after the first connection and its greeting. Rejects
   * when there is no connection, without waiting for another one.
   */
  open(): Promise<ClientWatch> {
    this.#opening ??= this.#open().finally(() => {
      this.#opening = undefined;
    });
    return this.#opening;
  }

  /** Tells of the servers behind the client from now on. */
  listen(listener: StoreListener): void {
    this.#followers.push(listener);
    this.#unfollow.push(...(this.#watch === undefined ? [] : [this.#watch.listen(listener)]));
  }

  async close(): Promise<void> {
    this.#closed = true;
    const watch = this.#watch;
    for (const unfollow of this.#unfollow.splice(0)) unfollow();
    watch?.release();
    // One that is being made is ended by who makes it.
    if (watch === undefined || this.#maker.given !== undefined) return;
    await endClient(watch.client, this.#clock);
  }

  async #open(): Promise<ClientWatch> {
    const watch = this.#watch ?? (await this.#made());
    const { client } = watch;
    if (!this.#attempted) {
      try {
        await this.#firstAttempt(watch);
      } catch (cause) {
        throw this.#notConnected(client, cause);
      } finally {
        this.#attempted = true;
      }
    } else if (client.status === 'ready') {
      await watch.greeted();
    }
    if (!watch.ready) throw this.#notConnected(client, undefined);
    return watch;
  }

  /** The driver's own bound ends when the server's system has taken the connection, whether the server answers or not. */
  async #firstAttempt(watch: ClientWatch): Promise<void> {
    const { client } = watch;
    const what = 'connecting to Redis (connectTimeout)';
    const deadline = deadlineSignal(this.#clock, what, connectTimeoutOf(client));
    try {
      await abortable(firstConnection(client), deadline.signal);
      await abortable(watch.greeted(), deadline.signal);
    } finally {
      deadline.release();
    }
  }

  /** Made once, whoever asks. */
  #made(): Promise<ClientWatch> {
    this.#making ??= this.#make().finally(() => {
      this.#making = undefined;
    });
    return this.#making;
  }

  #notConnected({ status }: RedisClient, cause: unknown): RedisNotConnectedError {
    return new RedisNotConnectedError(status, { cause: this.#lastError ?? cause });
  }

  async #make(): Promise<ClientWatch> {
    const client = await this.#maker.make();
    // Without a listener the driver prints its errors.
    client.on('ready', () => {
      this.#lastError = undefined;
    });
    client.on('error', (error) => {
      this.#lastError = error as Error;
      this.#listener.onError(error as Error);
    });
    if (this.#closed) {
      client.disconnect();
      throw new RedisNotConnectedError('end');
    }
    return this.#follow(client);
  }

  #follow(client: RedisClient): ClientWatch {
    const watch = ClientWatch.of(client, this.#clock);
    this.#watch = watch;
    this.#unfollow.push(...this.#followers.map((follower) => watch.listen(follower)));
    return watch;
  }
}

/** Resolves when the client is connected; rejects when its attempt fails, though it may go on trying. */
async function firstConnection(client: RedisClient): Promise<void> {
  if (client.status === 'ready') return;
  if (client.status === 'wait') {
    await client.connect();
    return;
  }
  if (!['connecting', 'connect'].includes(client.status)) {
    throw new RedisNotConnectedError(client.status);
  }
  await new Promise<void>((resolve, reject) => {
    const settle = (): void => {
      client.off('ready', settle);
      client.off('close', settle);
      if (client.status === 'ready') resolve();
      else reject(new RedisNotConnectedError(client.status));
    };
    client.on('ready', settle);
    client.on('close', settle);
  });
}

/** Lets what is under way be answered, within bounds. */
async function endClient(client: RedisClient, clock: Clock): Promise<void> {
  const goodbye = new AbortController();
  const timer = clock.setTimer(() => {
    goodbye.abort(new Error('no goodbye'));
  }, LONGEST_GOODBYE);
  try {
    if (client.status === 'ready') await abortable(client.quit(), goodbye.signal);
  } catch {
    // Frozen, or gone already.
  } finally {
    timer.cancel();
    client.disconnect();
  }
}
