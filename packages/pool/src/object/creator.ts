import { TimeoutError, type Timer } from '@perf/core';
import { PoolCreateError } from '../errors.ts';
import { TimingWindow } from '../statistics/timing-window.ts';
import { isThenable } from './bounded-hook.ts';
import type { ObjectPoolSettings } from './options.ts';

/** Whoever is told of what a {@link Creator} makes. */
export interface CreatorHost<T> {
  /** @param isImmediate whether it is told from within {@link Creator.start} */
  created(value: T, isImmediate: boolean): void;
  failed(error: PoolCreateError, isImmediate: boolean): void;
  /** One that nobody waits for any longer. */
  createdLate(value: T): void;
  /** The wait after a failure is over. */
  mayRetry(): void;
}

/** One creation under way; what ends it is the first of its outcome, its time and the pool's end. */
interface Attempt {
  readonly controller: AbortController;
  readonly begun: number;
  timer: Timer | undefined;
}

/** Makes what the pool hands out: each in bounded time, and after a failure not before a growing wait. */
export class Creator<T> {
  readonly connectTimes: TimingWindow;
  /** Since the last success. */
  lastError: PoolCreateError | undefined;
  readonly #settings: ObjectPoolSettings<T>;
  readonly #host: CreatorHost<T>;
  readonly #attempts = new Set<Attempt>();
  #failures = 0;
  #failedAt = 0;
  #notBefore = 0;
  #retry: Timer | undefined;
  #isAwaited = false;

  constructor(settings: ObjectPoolSettings<T>, host: CreatorHost<T>) {
    this.#settings = settings;
    this.#host = host;
    this.connectTimes = new TimingWindow(settings.clock);
  }

  /** How many are being created. */
  get connecting(): number {
    return this.#attempts.size;
  }

  /** Whether a creation may begin now. */
  get isReady(): boolean {
    return this.#failures === 0 || this.#settings.clock.now() >= this.#notBefore;
  }

  /** Whether its timers keep the process alive: while somebody waits for what is created. */
  keepAlive(on: boolean): void {
    if (on === this.#isAwaited) return;
    this.#isAwaited = on;
    this.#retry?.keepAlive(on);
    for (const { timer } of this.#attempts) timer?.keepAlive(on);
  }

  /** Begins one. @returns whether it is there already */
  start(): boolean {
    const { clock, connectTimeout, create, policy, name } = this.#settings;
    const attempt: Attempt = {
      controller: new AbortController(),
      begun: clock.now(),
      timer: undefined,
    };
    this.#attempts.add(attempt);
    const { signal } = attempt.controller;
    let made: T | PromiseLike<T>;
    try {
      made =
        policy === undefined
          ? create({ signal })
          : policy.execute((context) => create({ signal: context.signal }), { signal });
    } catch (error) {
      this.#fail(attempt, error, true);
      return false;
    }
    if (!isThenable(made)) {
      this.#succeed(attempt, made, true);
      return true;
    }
    attempt.timer = clock.setTimer(
      () => {
        const error = new TimeoutError(`a creation of the pool "${name}"`, connectTimeout);
        this.#fail(attempt, error, false);
        attempt.controller.abort(error);
      },
      connectTimeout,
      { keepAlive: this.#isAwaited },
    );
    made.then(
      (value) => {
        if (this.#attempts.has(attempt)) this.#succeed(attempt, value, false);
        else this.#host.createdLate(value);
      },
      (error: unknown) => {
        if (this.#attempts.has(attempt)) this.#fail(attempt, error, false);
      },
    );
    return false;
  }

  /** Gives up all that is under way. */
  close(reason: Error): void {
    this.#retry?.cancel();
    for (const attempt of this.#attempts) {
      this.#end(attempt);
      attempt.controller.abort(reason);
    }
  }

  #end(attempt: Attempt): void {
    this.#attempts.delete(attempt);
    attempt.timer?.cancel();
  }

  #succeed(attempt: Attempt, value: T, isImmediate: boolean): void {
    this.#end(attempt);
    this.connectTimes.add(this.#settings.clock.now() - attempt.begun);
    this.#failures = 0;
    this.lastError = undefined;
    this.#retry?.cancel();
    this.#host.created(value, isImmediate);
  }

  #fail(attempt: Attempt, cause: unknown, isImmediate: boolean): void {
    this.#end(attempt);
    const { clock, name, backoff, maxBackoff, random } = this.#settings;
    this.lastError = new PoolCreateError(name, { cause });
    const now = clock.now();
    // Those that were begun together are one failure.
    if (this.#failures === 0 || attempt.begun >= this.#failedAt) {
      const delay = Math.min(maxBackoff, backoff * 2 ** this.#failures);
      this.#failures++;
      this.#failedAt = now;
      this.#notBefore = now + Math.ceil(delay * (0.5 + random() / 2));
      this.#retry?.cancel();
      this.#retry = clock.setTimer(
        () => {
          // Timers may be up to a millisecond early, and nobody would ask again.
          this.#notBefore = -Infinity;
          this.#host.mayRetry();
        },
        this.#notBefore - now,
        { keepAlive: this.#isAwaited },
      );
    }
    this.#host.failed(this.lastError, isImmediate);
  }
}
