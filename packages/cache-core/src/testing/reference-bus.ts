import { checkInteger, checkKnown, Lifecycle } from '@perf/core';
import type { StoreCall } from '../contracts/cache-store.ts';
import type { BusListener, InvalidationBus } from '../contracts/invalidation-bus.ts';
import { BusLine } from './bus-line.ts';
import { createBusHub, type BusHub } from './bus-hub.ts';

/** Options of {@link referenceBus}. */
export interface ReferenceBusOptions {
  /** Shared by the instances that hear each other. @default one of its own, on the system's clock */
  readonly hub?: BusHub;
  /** @default 'reference bus' */
  readonly name?: string;
  /** @default 'channel' */
  readonly channel?: string;
}

/** Options of {@link ReferenceBus.fail}. */
export interface PublishFaultOptions {
  /** How many messages. @default 1 */
  readonly times?: number;
  /** Whether the message goes out although the answer does not say so. @default false */
  readonly applied?: boolean;
}

/** A bus whose way to the hub a test may trouble; made by {@link referenceBus}. */
export interface ReferenceBus extends InvalidationBus {
  /** How often the cache has asked for a new connection. */
  readonly reconnects: number;
  /** What {@link hold} keeps, in the order in which it was published. */
  readonly held: readonly string[];
  /** How long a message to it is on its way, in milliseconds of the hub's clock. @default 0 */
  delay: number;
  /** Loses the connection, and says so. Nothing is heard, and publishing fails, until {@link restore}. Idempotent. */
  cut(): void;
  /**
   * Nothing is heard any more, and nobody says so, until {@link restore} or until the cache asks for a new
   * connection. Publishing works. Idempotent.
   */
  blackHole(): void;
  /** Ends both on a new connection. Idempotent. */
  restore(): void;
  /** Loses the next messages to it. @param count 1 by default */
  lose(count?: number): void;
  /** Keeps the messages to it from now on. Idempotent. */
  hold(): void;
  /** Delivers what is kept, and keeps no more. @param arrange in which order, what twice, what not. @default as published */
  release(arrange?: (held: readonly string[]) => readonly string[]): void;
  /** Lets the next publications reject with the error. */
  fail(error: unknown, options?: PublishFaultOptions): void;
}

class HubBus implements ReferenceBus {
  readonly name: string;
  readonly medium: string;
  readonly channel: string;
  reconnects: number = 0;
  readonly #hub: BusHub;
  readonly #line: BusLine;
  readonly #lifecycle: Lifecycle;
  #listener: BusListener | undefined;
  #leave: (() => void) | undefined;
  #state: 'connected' | 'cut' | 'black hole' = 'connected';
  #fault: { readonly error: unknown; readonly applied: boolean; left: number } | undefined;

  constructor(options: ReferenceBusOptions) {
    checkKnown('reference bus', options, ['hub', 'name', 'channel']);
    this.#hub = options.hub ?? createBusHub();
    this.name = options.name ?? 'reference bus';
    this.channel = options.channel ?? 'channel';
    this.medium = this.#hub.medium;
    this.#line = new BusLine(this.#hub.clock, (text) => this.#listener?.onMessage(text));
    this.#lifecycle = new Lifecycle(`bus "${this.name}"`, () => {
      this.#unsubscribe();
      this.#listener = undefined;
    });
  }

  get held(): readonly string[] {
    return this.#line.held;
  }

  get delay(): number {
    return this.#line.delay;
  }

  set delay(milliseconds: number) {
    this.#line.delay = checkInteger('delay', milliseconds, { min: 0 });
  }

  open(listener: BusListener): void {
    if (!this.#lifecycle.isOpen || this.#listener !== undefined) return;
    this.#listener = listener;
    if (this.#state === 'connected') this.#connect();
  }

  async publish(message: string, { signal }: StoreCall): Promise<void> {
    this.#lifecycle.assertOpen();
    signal.throwIfAborted();
    if (this.#state === 'cut') throw new Error('the connection is cut');
    const fault = this.#takeFault();
    if (fault === undefined || fault.applied) this.#hub.publish(this.channel, message);
    if (fault !== undefined) throw fault.error;
  }

  reconnect(): void {
    this.reconnects++;
    if (this.#state !== 'cut' && this.#listener !== undefined) this.#connectAnew();
  }

  cut(): void {
    if (this.#state === 'cut') return;
    this.#state = 'cut';
    this.#unsubscribe();
    this.#listener?.onDisconnected();
  }

  blackHole(): void {
    if (this.#state !== 'connected') return;
    this.#state = 'black hole';
    this.#unsubscribe();
  }

  restore(): void {
    if (this.#state === 'connected') return;
    if (this.#listener === undefined) this.#state = 'connected';
    else this.#connectAnew();
  }

  lose(count = 1): void {
    this.#line.lose(checkInteger('count', count, { min: 0, infinite: true }));
  }

  hold(): void {
    this.#line.hold();
  }

  release(arrange = (held: readonly string[]): readonly string[] => held): void {
    this.#line.release(arrange);
  }

  fail(error: unknown, { times = 1, applied = false }: PublishFaultOptions = {}): void {
    this.#fault = { error, applied, left: times };
  }

  close(): Promise<void> {
    return this.#lifecycle.close();
  }

  #connectAnew(): void {
    const wasCut = this.#state === 'cut';
    this.#unsubscribe();
    if (!wasCut) this.#listener?.onDisconnected();
    this.#connect();
  }

  #connect(): void {
    this.#state = 'connected';
    this.#leave = this.#hub.join({
      channel: this.channel,
      receive: (text) => {
        this.#line.pass(text);
      },
    });
    this.#listener?.onConnected();
  }

  /** What was on its way on this connection is lost with it. */
  #unsubscribe(): void {
    this.#leave?.();
    this.#leave = undefined;
    this.#line.clear();
  }

  #takeFault(): { readonly error: unknown; readonly applied: boolean } | undefined {
    const fault = this.#fault;
    if (fault === undefined) return undefined;
    fault.left--;
    if (fault.left <= 0) this.#fault = undefined;
    return fault;
  }
}

/**
 * A bus in memory for the tests of what stands on one: each instance is one "process", those with one
 * {@link BusHub} hear each other. A message is heard while it is being published, unless a test delays,
 * holds or loses it.
 * @example
 * const hub = createBusHub({ clock });
 * const bus = referenceBus({ hub });
 * const cache = createCache({ stores: [referenceStore({ backend, hub })], bus, clock });
 * bus.lose();          // the next message to this cache
 * bus.blackHole();     // … and all that follow, until it notices
 */
export function referenceBus(options: ReferenceBusOptions = {}): ReferenceBus {
  return new HubBus(options);
}
