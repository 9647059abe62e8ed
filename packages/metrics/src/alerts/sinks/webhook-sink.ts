import { randomUUID } from 'node:crypto';
import { createDeferred, Lifecycle, sleep, type Closeable, type Deferred } from '@perf/core';
import { AlertDeliveryError } from '../../errors.ts';
import type { AlertNotification } from '../alert.ts';
import type { AlertSink } from './alert-sink.ts';
import { attemptWebhook, type AttemptResult } from './webhook-attempt.ts';
import { resolveWebhook, type WebhookOptions, type WebhookSettings } from './webhook-options.ts';

/** A sink that posts to a URL. */
export interface WebhookSink extends AlertSink, Closeable {
  /** Resolves once it is delivered. @throws AlertDeliveryError once it is given up. @throws ClosedError after `close()` */
  send(notification: AlertNotification): Promise<void>;
  /** How many are not delivered yet. */
  readonly pending: number;
  /** Delivers what waits, without pauses and for `closeTimeout` at most. */
  close(): Promise<void>;
}

interface Delivery {
  readonly id: string;
  readonly notification: AlertNotification;
  readonly done: Deferred<void>;
}

/**
 * Posts notifications as JSON, one after the other and in order, each with attempts that are bounded in time and number. The header
 * `x-perf-delivery` is the same for all attempts of one, so that a receiver can tell a repetition. Redirects are not followed. While
 * a receiver hangs, notifications wait in a queue of `maxQueue`, and nothing else does; pauses between attempts do not keep the process alive.
 * @throws ConfigError naming the option that is refused
 * @example
 * const pager = webhookSink({ url: 'https://alerts.example.com/hook', secret: process.env.WEBHOOK_SECRET });
 */
export function webhookSink(options: WebhookOptions): WebhookSink {
  return new Webhook(resolveWebhook(options));
}

class Webhook implements WebhookSink {
  readonly name: string;
  readonly #settings: WebhookSettings;
  readonly #queue: Delivery[] = [];
  readonly #lifecycle: Lifecycle;
  /** Ends the attempt under way: the time to close is over. */
  readonly #stop = new AbortController();
  #working: Promise<void> | undefined;

  constructor(settings: WebhookSettings) {
    this.name = settings.name;
    this.#settings = settings;
    this.#lifecycle = new Lifecycle(`the sink "${settings.name}"`, () => this.#finish());
  }

  get pending(): number {
    return this.#queue.length;
  }

  async send(notification: AlertNotification): Promise<void> {
    this.#lifecycle.assertOpen();
    const delivery = { id: randomUUID(), notification, done: createDeferred() };
    if (this.#queue.length >= this.#settings.maxQueue) this.#giveUpOldest();
    this.#queue.push(delivery);
    this.#working ??= this.#work();
    return delivery.done.promise;
  }

  close(): Promise<void> {
    return this.#lifecycle.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** The first one is under way, unless it is the only one. */
  #giveUpOldest(): void {
    const [oldest] = this.#queue.splice(this.#queue.length > 1 ? 1 : 0, 1);
    oldest?.done.reject(
      new AlertDeliveryError(this.name, 0, 'others wait for a receiver that does not answer'),
    );
  }

  async #work(): Promise<void> {
    for (let first = this.#queue[0]; first !== undefined; first = this.#queue[0]) {
      await this.#deliver(first);
      const index = this.#queue.indexOf(first);
      if (index !== -1) this.#queue.splice(index, 1);
    }
    this.#working = undefined;
  }

  /** Settles what waits for it, and never rejects. */
  async #deliver({ id, notification, done }: Delivery): Promise<void> {
    const { retries } = this.#settings;
    let body: string;
    try {
      body = JSON.stringify(this.#settings.payload(notification)) ?? 'null';
    } catch (cause) {
      done.reject(new AlertDeliveryError(this.name, 0, 'its payload could not be made', { cause }));
      return;
    }
    for (let attempt = 1; ; attempt++) {
      const result = await attemptWebhook(this.#settings, body, id, this.#stop.signal);
      if (result.delivered) {
        done.resolve();
        return;
      }
      if (!result.isPassing || attempt > retries || this.#stop.signal.aborted) {
        done.reject(new AlertDeliveryError(this.name, attempt, result.reason));
        return;
      }
      await this.#pause(attempt, result);
    }
  }

  async #pause(attempt: number, result: AttemptResult): Promise<void> {
    const { retryDelay, maxRetryDelay, random, clock } = this.#settings;
    const asked = 'retryAfter' in result ? (result.retryAfter ?? 0) : 0;
    const doubled = retryDelay * 2 ** (attempt - 1) * (1 - random() / 4);
    const delay = Math.min(maxRetryDelay, Math.max(doubled, asked));
    // Closing ends the pause.
    await sleep(clock, delay, this.#lifecycle.signal, { keepAlive: false }).catch(() => undefined);
  }

  async #finish(): Promise<void> {
    const { clock, closeTimeout } = this.#settings;
    const timer = clock.setTimer(
      () => {
        this.#stop.abort();
      },
      closeTimeout,
      { keepAlive: true },
    );
    await this.#working;
    timer.cancel();
  }
}
