import assert from 'node:assert/strict';
import { systemClock } from '@perf/core';
import type { StoreCall } from '../../contracts/cache-store.ts';
import type { InvalidationBus } from '../../contracts/invalidation-bus.ts';
import type { StoreNews } from '../../contracts/store-news.ts';
import { freshCall } from './store-driver.ts';

/** How often a message is looked for, in milliseconds. */
const INTERVAL = 5;

const END = 'end ';

/** Hands a store the news of its calls, and hears on its bus what becomes of them. */
export class NewsDesk implements StoreNews {
  readonly channel: string;
  /** The texts of drops that were asked for, in order. */
  readonly asked: string[] = [];
  /** Called with each message as it comes. */
  onMessage: (text: string) => void = () => {};
  readonly #bus: InvalidationBus;
  readonly #patience: number;
  #heard: string[] = [];
  #connected = false;
  #ends = 0;

  /** @param patience how long is waited for a message, in milliseconds */
  constructor(bus: InvalidationBus, patience: number) {
    this.#bus = bus;
    this.#patience = patience;
    this.channel = bus.channel;
    bus.open({
      onMessage: (text) => {
        this.#heard.push(text);
        if (!text.startsWith(END)) this.onMessage(text);
      },
      onConnected: () => {
        this.#connected = true;
      },
      onDisconnected: () => {},
    });
  }

  /** Resolves once it hears. */
  ready(): Promise<void> {
    return this.#until(() => this.#connected, 'the bus hears');
  }

  /** A call that is to be told of. */
  call(signal: AbortSignal = freshCall().signal): StoreCall {
    return { signal, news: this };
  }

  drop(keys: readonly string[]): string {
    const text = `drop ${this.asked.length} ${JSON.stringify(keys)}`;
    this.asked.push(text);
    return text;
  }

  ended(tickets: readonly string[]): string {
    return `ended ${JSON.stringify(tickets)}`;
  }

  bump(): { readonly before: string; readonly after: string } {
    return { before: 'bump ', after: ' of members' };
  }

  /** What was heard since the last question, once at least `count` messages and then one of its own have come. */
  async heard(count = 0): Promise<readonly string[]> {
    await this.#until(() => this.#messages().length >= count, `${count} messages come`);
    const end = `${END}${++this.#ends}`;
    await this.#bus.publish(end, freshCall());
    await this.#until(() => this.#heard.includes(end), 'its own message comes');
    const messages = this.#messages();
    this.#heard = [];
    return messages;
  }

  #messages(): readonly string[] {
    return this.#heard.filter((text) => !text.startsWith(END));
  }

  async #until(holds: () => boolean, what: string): Promise<void> {
    for (let waited = 0; !holds(); waited += INTERVAL) {
      assert.ok(waited < this.#patience, `it does not come about that ${what}`);
      await new Promise<void>((resolve) => {
        systemClock.setTimer(resolve, INTERVAL, { keepAlive: true });
      });
    }
  }
}

/** The keys that a drop of a {@link NewsDesk} names. */
export function keysOfDrop(text: string): readonly string[] {
  return JSON.parse(text.slice(text.indexOf('['))) as string[];
}
