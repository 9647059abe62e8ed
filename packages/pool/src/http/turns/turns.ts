import { acquireChannel } from '../../admission/acquire-channel.ts';
import { Admission } from '../../admission/admission.ts';
import type { AcquireOptions } from '../../admission/acquire-options.ts';
import { PoolAcquireTimeoutError, PoolClosedError, PoolQueueFullError } from '../../errors.ts';
import { TimingWindow } from '../../statistics/timing-window.ts';
import type { HttpPoolSettings } from '../options.ts';

/** A limit that a request has to pass. */
export type Gate = Admission<true>;

/** Whose queue is bounded, and how many are in it. */
export interface Queue {
  readonly maxQueue: number;
  waiting: number;
}

/**
 * Whose turn it is to send a request: one limit after the other, that of the client, of the origin, and of all. All callers pass
 * them in this order, and who has passed the last waits for none, so that nobody waits for each other. As nobody gets to the last before
 * its origin has room, an origin that is slow fills the last one's queue only up to its own limit.
 */
export class Turns {
  /** The limit of all. */
  readonly total: Gate;
  readonly acquireTimes: TimingWindow;
  readonly queue: Queue;
  timeouts = 0;
  rejected = 0;
  aborted = 0;
  readonly #settings: HttpPoolSettings;

  constructor(settings: HttpPoolSettings) {
    this.#settings = settings;
    this.acquireTimes = new TimingWindow(settings.clock);
    this.queue = { maxQueue: settings.maxQueue, waiting: 0 };
    this.total = this.gate(settings.name, settings.max);
  }

  gate(name: string, limit: number): Gate {
    const { clock, acquireTimeout } = this.#settings;
    return new Admission<true>(
      { name, clock, limit, maxQueue: Infinity, acquireTimeout },
      { take: () => true, wanted: () => false, trouble: () => undefined },
    );
  }

  /**
   * Passes all of them, to be followed by {@link leave}.
   * @param queues those that it stands in while it has to wait
   * @returns `undefined` when nothing has to be waited for
   * Throws, or rejects, with an error of the pool or the signal's reason; none of the limits is then taken.
   */
  enter(
    gates: readonly Gate[],
    queues: readonly Queue[],
    options: AcquireOptions,
  ): Promise<void> | undefined {
    if (acquireChannel.active) return this.#told(gates, queues, options);
    return this.#enter(gates, queues, options);
  }

  leave(gates: readonly Gate[]): void {
    for (let at = gates.length - 1; at >= 0; at--) gates[at]?.release();
  }

  async #told(
    gates: readonly Gate[],
    queues: readonly Queue[],
    options: AcquireOptions,
  ): Promise<void> {
    const { clock, name } = this.#settings;
    const since = clock.now();
    let error: unknown;
    try {
      await this.#enter(gates, queues, options);
    } catch (reason) {
      error = reason;
      throw reason;
    } finally {
      acquireChannel.publish({ pool: name, waited: clock.now() - since, error });
    }
  }

  #enter(
    gates: readonly Gate[],
    queues: readonly Queue[],
    options: AcquireOptions,
  ): Promise<void> | undefined {
    let passed = 0;
    try {
      for (const gate of gates) {
        if (gate.tryAcquire() === undefined) {
          this.#assertRoom(queues, gate);
          return this.#wait(gates, passed, queues, options);
        }
        passed++;
      }
    } catch (error) {
      this.#failed(gates, passed, error);
    }
    this.acquireTimes.addZero();
    return undefined;
  }

  async #wait(
    gates: readonly Gate[],
    first: number,
    queues: readonly Queue[],
    { signal, priority, deadline = Infinity, timeout }: AcquireOptions,
  ): Promise<void> {
    const { clock } = this.#settings;
    const since = clock.now();
    const due = Math.min(deadline, since + (timeout ?? this.#settings.acquireTimeout));
    for (const queue of queues) queue.waiting++;
    let passed = first;
    try {
      const options = { signal, priority, deadline: due, timeout: Infinity };
      for (const gate of gates.slice(first)) {
        if (gate.tryAcquire() === undefined) await gate.acquire(options);
        passed++;
      }
    } catch (error) {
      this.#failed(gates, passed, error);
    } finally {
      for (const queue of queues) queue.waiting--;
    }
    this.acquireTimes.add(clock.now() - since);
  }

  #assertRoom(queues: readonly Queue[], gate: Gate): void {
    for (const { waiting, maxQueue } of queues) {
      if (waiting >= maxQueue)
        throw new PoolQueueFullError({ ...gate.situation, waiting }, maxQueue);
    }
  }

  #failed(gates: readonly Gate[], passed: number, error: unknown): never {
    if (error instanceof PoolAcquireTimeoutError) this.timeouts++;
    else if (error instanceof PoolClosedError || error instanceof PoolQueueFullError) {
      this.rejected++;
    } else this.aborted++;
    this.leave(gates.slice(0, passed));
    throw error;
  }
}
