import { randomUUID } from 'node:crypto';
import { BroadcastChannel, isMainThread, threadId } from 'node:worker_threads';
import {
  checkKnown,
  Lifecycle,
  systemClock,
  toMilliseconds,
  type Clock,
  type Closeable,
  type Duration,
  type Timer,
} from '@perf/core';
import type { Registry } from '../registry/registry.ts';
import { CHANNEL, encodeMessage, type MemberMessage } from './message.ts';

/** Options of {@link shareMetrics}. */
export interface ShareMetricsOptions {
  /** How often the metrics are told. @default '5s' */
  readonly interval?: Duration | undefined;
  /** The source of time. @default the process's clock */
  readonly clock?: Clock | undefined;
}

/** The way to who collects. */
interface Line {
  /** @param sent called when the message has left, however that went */
  send(message: MemberMessage, sent: () => void): void;
  close(): void;
}

/**
 * Tells the metrics of this worker thread, cluster worker or forked process to where `collectWorkers` runs: at once, then at an interval, and when it
 * ends. Does nothing in a process of its own. Keeps nothing alive.
 * @throws {@link ConfigError} when an option is refused
 */
export function shareMetrics(registry: Registry, options: ShareMetricsOptions = {}): Closeable {
  checkKnown('shareMetrics', options, ['interval', 'clock']);
  const { interval = '5s', clock = systemClock } = options;
  return new Sharing(registry, openLine(), toMilliseconds('interval', interval), clock);
}

class Sharing implements Closeable {
  readonly #registry: Registry;
  readonly #line: Line | undefined;
  readonly #interval: number;
  readonly #clock: Clock;
  readonly #member = `${process.pid}-${threadId}-${randomUUID()}`;
  readonly #lifecycle: Lifecycle;
  #timer: Timer | undefined;
  #isSending = false;

  constructor(registry: Registry, line: Line | undefined, interval: number, clock: Clock) {
    this.#registry = registry;
    this.#line = line;
    this.#interval = interval;
    this.#clock = clock;
    this.#lifecycle = new Lifecycle('the sharing of metrics', () => {
      this.#end();
    });
    if (line === undefined) return;
    process.once('exit', this.#end);
    this.#tell();
  }

  close(): Promise<void> {
    return this.#lifecycle.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #tell(): void {
    this.#timer = this.#clock.setTimer(() => {
      this.#tell();
    }, this.#interval);
    // Who does not read must not make us keep more and more.
    if (!this.#isSending) this.#send(false);
  }

  #send(isLast: boolean): void {
    this.#isSending = true;
    const message = encodeMessage(this.#member, this.#registry.snapshot(), isLast);
    this.#line?.send(message, () => {
      this.#isSending = false;
    });
  }

  readonly #end = (): void => {
    if (this.#timer === undefined) return;
    this.#timer.cancel();
    this.#timer = undefined;
    process.removeListener('exit', this.#end);
    this.#send(true);
    this.#line?.close();
  };
}

function openLine(): Line | undefined {
  if (!isMainThread) {
    const channel = new BroadcastChannel(CHANNEL);
    channel.unref();
    return {
      send(message, sent) {
        // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a channel of threads has no origins
        channel.postMessage(message);
        sent();
      },
      close() {
        channel.close();
      },
    };
  }
  if (process.send === undefined) return undefined;
  return {
    send(message, sent) {
      // Who collects may have ended, or have disconnected us.
      if (process.connected) process.send?.(message, undefined, undefined, sent);
      else sent();
    },
    close() {},
  };
}
