import { abortable, Lifecycle, type Listenable, type Unsubscribe } from '@perf/core';
import type { BusListener, InvalidationBus, StoreCall } from '@perf/cache-core';
import { Subscriber } from './bus/subscriber.ts';
import { Connection } from './client/connection.ts';
import { withoutCommand } from './client/driver-errors.ts';
import { BusEvents, type RedisBusEvents } from './events.ts';
import {
  resolveBusOptions,
  type RedisBusOptions,
  type RedisBusSettings,
} from './redis-bus-options.ts';

/** An {@link InvalidationBus} over Redis's publish and subscribe. */
export interface RedisBus extends InvalidationBus, Listenable<RedisBusEvents>, AsyncDisposable {
  readonly medium: 'redis';
  reconnect(): void;
}

class Bus implements RedisBus {
  readonly name: string;
  readonly medium = 'redis';
  readonly channel: string;
  readonly #settings: RedisBusSettings;
  readonly #events: BusEvents;
  readonly #connection: Connection;
  readonly #lifecycle: Lifecycle;
  #subscriber: Subscriber | undefined;

  constructor(settings: RedisBusSettings) {
    const { name, channel, maker, clock } = settings;
    this.name = name;
    this.channel = channel;
    this.#settings = settings;
    this.#events = new BusEvents(name);
    this.#connection = new Connection(maker, clock, {
      onError: (error) => {
        this.#events.emit('trouble', { operation: 'connect', error });
      },
      // The store on these servers tells of them.
      onReplaced: () => undefined,
      onWarning: () => undefined,
    });
    this.#lifecycle = new Lifecycle(`bus "${name}"`, async () => {
      this.#subscriber?.close();
      await this.#connection.close();
    });
  }

  open(listener: BusListener): void {
    if (!this.#lifecycle.isOpen || this.#subscriber !== undefined) return;
    const { channel } = this;
    this.#subscriber = new Subscriber(this.#connection, channel, this.#settings.clock, {
      onMessage: (message) => {
        listener.onMessage(message);
      },
      onConnected: () => {
        this.#events.emit('connect', { channel });
        listener.onConnected();
      },
      onDisconnected: () => {
        this.#events.emit('disconnect', { channel });
        listener.onDisconnected();
      },
      onTrouble: (operation, error) => {
        this.#events.emit('trouble', { operation, error });
      },
    });
    this.#subscriber.renew();
  }

  async publish(message: string, { signal }: StoreCall): Promise<void> {
    this.#lifecycle.assertOpen();
    signal.throwIfAborted();
    try {
      const watch = this.#connection.present ?? (await abortable(this.#connection.open(), signal));
      await abortable(watch.client.call('publish', this.channel, message), signal);
    } catch (error) {
      throw withoutCommand(error);
    }
  }

  reconnect(): void {
    this.#subscriber?.renew();
  }

  on<Event extends keyof RedisBusEvents>(
    event: Event,
    listener: (payload: RedisBusEvents[Event]) => void,
  ): Unsubscribe {
    return this.#events.on(event, listener);
  }

  close(): Promise<void> {
    return this.#lifecycle.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/**
 * A bus over Redis's publish and subscribe, for the instances of one cache. It belongs to the store of the
 * same prefix: the store publishes what it writes on the bus's channel, in the same step. It hears on a
 * connection of its own, which it makes and closes; when that is lost it is made anew, without end.
 * @throws ConfigError naming the option, or the setting of the client, that is not right
 */
export function redisBus(options: RedisBusOptions): RedisBus {
  return new Bus(resolveBusOptions(options));
}
