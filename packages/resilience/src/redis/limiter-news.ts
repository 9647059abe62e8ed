import { Emitter, type Listenable, type Unsubscribe } from '@perf/core';
import { fullChannel } from '../limiters/telemetry.ts';
import type { RedisRateLimiterSettings } from './options.ts';
import type { LinkListener } from './redis-link.ts';
import {
  modeChannel,
  REDIS_LIMITER_EVENTS,
  type LimiterMode,
  type RedisLimiterEvents,
} from './telemetry.ts';

/** Tells what becomes of a limiter's link, by events and channels. */
export class LimiterNews implements LinkListener, Listenable<RedisLimiterEvents> {
  readonly #settings: RedisRateLimiterSettings;
  readonly #emitter = new Emitter<RedisLimiterEvents>(REDIS_LIMITER_EVENTS);

  constructor(settings: RedisRateLimiterSettings) {
    this.#settings = settings;
  }

  on<Event extends keyof RedisLimiterEvents>(
    event: Event,
    listener: (payload: RedisLimiterEvents[Event]) => void,
  ): Unsubscribe {
    return this.#emitter.on(event, listener);
  }

  onDown(error: unknown): void {
    this.#tellMode(this.#settings.failMode, { error });
  }

  onUp(): void {
    this.#tellMode('redis', {});
  }

  onTrouble(error: unknown): void {
    this.#emitter.emit('trouble', { limiter: this.#settings.name, error });
  }

  onFull(): void {
    const event = { limiter: this.#settings.name, maxKeys: this.#settings.maxKeys };
    this.#emitter.emit('full', event);
    if (fullChannel.active) fullChannel.publish(event);
  }

  #tellMode(mode: LimiterMode, why: { readonly error?: unknown }): void {
    const event = { limiter: this.#settings.name, mode, ...why };
    this.#emitter.emit('mode', event);
    if (modeChannel.active) modeChannel.publish(event);
  }
}
