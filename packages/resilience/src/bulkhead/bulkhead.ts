import { BulkheadFullError, DeadlineExceededError } from '../errors.ts';
import { UNBOUNDED, type CallContext } from '../execution/call-context.ts';
import { GatePolicy, start } from '../execution/gate-policy.ts';
import type {
  ExecuteOptions,
  Execution,
  ResiliencePolicy,
} from '../execution/resilience-policy.ts';
import type { Entry } from '../execution/stage.ts';
import { WaitQueue } from '../waiting/wait-queue.ts';
import { bulkheadSettings, type BulkheadOptions, type BulkheadSettings } from './options.ts';
import {
  BULKHEAD_EVENTS,
  type BulkheadEvents,
  type BulkheadRefusedEvent,
  type BulkheadSnapshot,
} from './telemetry.ts';

/** A call that runs needs no permit of its own. */
const PERMIT = 0;

/**
 * Bounds how many calls run at once. The others wait, the higher priority first and in the order of arrival within one; a call has its
 * place until it has settled, also when its caller has given up.
 */
export interface Bulkhead extends ResiliencePolicy<BulkheadSnapshot, BulkheadEvents> {
  /** Takes a place, if there is one and nobody waits. Give it back, once, by {@link release}. */
  tryAcquire(): boolean;
  release(): void;
}

/**
 * @throws {@link ConfigError} for an option that is refused
 * @example
 * const reports = bulkhead({ name: 'reports', limit: 10, maxQueue: 100, queueTimeout: '2s' });
 * await reports.execute(() => render(report), { priority: 7 });
 */
export function bulkhead(options: BulkheadOptions): Bulkhead {
  return new BulkheadPolicy(bulkheadSettings(options));
}

class BulkheadPolicy extends GatePolicy<BulkheadSnapshot, BulkheadEvents> implements Bulkhead {
  readonly #settings: BulkheadSettings;
  readonly #queue: WaitQueue<undefined, number>;
  #active = 0;
  #admitted = 0;
  #queued = 0;
  /** How many of the queued had their turn. */
  #granted = 0;
  readonly #refused = { full: 0, timeout: 0, deadline: 0 };

  constructor(settings: BulkheadSettings) {
    super(settings, BULKHEAD_EVENTS);
    this.#settings = settings;
    this.#queue = new WaitQueue({
      clock: settings.clock,
      timedOut: (timeout) => this.#refuse('timeout', timeout),
      deadlinePassed: () => this.#refuse('deadline'),
    });
  }

  override execute<T>(fn: Execution<T>, options?: ExecuteOptions): Promise<T> {
    if (options !== undefined || !this.tryAcquire()) return super.execute(fn, options);
    return start(fn, UNBOUNDED).then(this.#onValue as (value: T) => T, this.#onError);
  }

  override enter(call: CallContext): Entry {
    if (this.tryAcquire()) return PERMIT;
    const { maxQueue, queueTimeout } = this.#settings;
    if (this.#queue.size >= maxQueue) return this.#refuse('full');
    this.#queued++;
    return this.#queue.wait(call, undefined, queueTimeout);
  }

  override leave(): void {
    this.release();
  }

  tryAcquire(): boolean {
    if (this.#active >= this.#settings.limit) return false;
    this.#active++;
    this.#admitted++;
    return true;
  }

  release(): void {
    // The place goes over to whoever is next, so nobody can come between.
    if (this.#queue.grant(PERMIT)) {
      this.#admitted++;
      this.#granted++;
    } else {
      this.#active--;
    }
  }

  snapshot(): BulkheadSnapshot {
    const { limit, maxQueue } = this.#settings;
    const { full, timeout, deadline } = this.#refused;
    const waiting = this.#queue.size;
    return {
      name: this.name,
      limit,
      maxQueue,
      active: this.#active,
      waiting,
      totals: {
        admitted: this.#admitted,
        queued: this.#queued,
        refused: { full, timeout, deadline },
        aborted: this.#queued - this.#granted - timeout - deadline - waiting,
      },
    };
  }

  #refuse(
    reason: BulkheadRefusedEvent['reason'],
    waited = 0,
  ): BulkheadFullError | DeadlineExceededError {
    this.#refused[reason]++;
    if (this.events.has('refused')) {
      this.events.emit('refused', {
        policy: this.name,
        reason,
        active: this.#active,
        waiting: this.#queue.size,
      });
    }
    const { limit, maxQueue } = this.#settings;
    return reason === 'deadline'
      ? new DeadlineExceededError(this.name)
      : new BulkheadFullError(this.name, limit, maxQueue, waited);
  }

  readonly #onValue = (value: unknown): unknown => {
    this.release();
    return value;
  };

  readonly #onError = (error: unknown): never => {
    this.release();
    throw error;
  };
}
