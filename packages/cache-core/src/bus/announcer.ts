import { randomBytes } from 'node:crypto';
import { abortable, TimeoutError, type Clock } from '@perf/core';
import type { InvalidationBus } from '../contracts/invalidation-bus.ts';
import type { BumpReply, LedgerMember } from '../contracts/store-fencing.ts';
import type { StoreNews } from '../contracts/store-news.ts';
import { formatBump, formatDrop, formatEnded, formatVoid } from './bus-message.ts';

/** How long a message may take to be taken by the medium, in milliseconds. */
const PUBLISH_TIMEOUT = 1000;
/** How many keys one message names at most. */
const KEYS_PER_MESSAGE = 500;

/** The news of one store call, and the end of it. */
export interface OpenNews {
  readonly news: StoreNews;
  /** The call is over: its numbers count as published, or as missing. */
  readonly end: () => void;
}

/** What an {@link Announcer} needs beside its bus. */
export interface AnnouncerOptions {
  readonly clock: Clock;
  readonly onError: (error: unknown) => void;
}

/** Publishes for one instance, by itself or through stores, and numbers what others must not miss. */
export class Announcer {
  /** Names this instance among all that ever were. */
  readonly name: string = randomBytes(8).toString('hex');
  readonly #bus: InvalidationBus;
  readonly #options: AnnouncerOptions;
  /** Numbers whose publication is not over, in ascending order. */
  readonly #underWay = new Set<number>();
  #number = 0;

  constructor(bus: InvalidationBus, options: AnnouncerOptions) {
    this.#bus = bus;
    this.#options = options;
  }

  /** Every number up to this one has been published, or never will be. */
  get published(): number {
    const [first] = this.#underWay;
    return first === undefined ? this.#number : first - 1;
  }

  /** For one call of a store that announces by itself. */
  news(): OpenNews {
    const { name } = this;
    const taken: number[] = [];
    return {
      news: {
        channel: this.#bus.channel,
        drop: (keys) => {
          const number = this.#take();
          taken.push(number);
          return formatDrop(name, number, keys);
        },
        ended: (tickets) => formatEnded(name, tickets),
        bump: (members) => formatBump(name, members),
      },
      end: () => {
        for (const number of taken) this.#underWay.delete(number);
      },
    };
  }

  /** Tells the others that the keys were changed. `queued`: they will find out that they missed something. */
  async drop(keys: readonly string[]): Promise<'sent' | 'queued'> {
    const parts: Promise<boolean>[] = [];
    for (let from = 0; from < keys.length; from += KEYS_PER_MESSAGE) {
      const part = keys.slice(from, from + KEYS_PER_MESSAGE);
      parts.push(this.#publishNumbered((number) => formatDrop(this.name, number, part)));
    }
    return (await Promise.all(parts)).every(Boolean) ? 'sent' : 'queued';
  }

  /** As {@link drop}, for what was invalidated where there is no shared ledger. */
  async void(members: readonly LedgerMember[]): Promise<'sent' | 'queued'> {
    const { name } = this;
    const sent = await this.#publishNumbered((number) => formatVoid(name, number, members));
    return sent ? 'sent' : 'queued';
  }

  /** Tells the others of a bump; a lost message shows in the next beat. */
  bump(members: readonly LedgerMember[], { id, prev, seq }: BumpReply): void {
    const { before, after } = formatBump(this.name, members);
    void this.publish(`${before}${id} ${prev} ${seq}${after}`);
  }

  /** Whether the medium has taken the message. Never rejects. */
  async publish(message: string): Promise<boolean> {
    const { clock, onError } = this.#options;
    const controller = new AbortController();
    const { signal } = controller;
    // Nobody need wait for a message: its deadline must not keep the process alive.
    const timer = clock.setTimer(() => {
      controller.abort(new TimeoutError(`publish on bus "${this.#bus.name}"`, PUBLISH_TIMEOUT));
    }, PUBLISH_TIMEOUT);
    try {
      await abortable(this.#bus.publish(message, { signal }), signal);
      return true;
    } catch (error) {
      onError(error);
      return false;
    } finally {
      timer.cancel();
    }
  }

  #take(): number {
    this.#underWay.add(++this.#number);
    return this.#number;
  }

  async #publishNumbered(format: (number: number) => string): Promise<boolean> {
    const number = this.#take();
    const sent = await this.publish(format(number));
    this.#underWay.delete(number);
    return sent;
  }
}
