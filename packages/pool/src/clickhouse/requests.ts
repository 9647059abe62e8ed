import { setMaxListeners } from 'node:events';
import { deadlineSignal, type PolicyContext } from '@perf/core';
import { retry, type Retry } from '@perf/resilience';
import type { AcquireOptions } from '../admission/acquire-options.ts';
import { PoolClosedError } from '../errors.ts';
import type { ClickHouseClient } from './client.ts';
import { Flight, type FlightHost, type FlightLimits, type FlightPlan } from './flight.ts';
import { literal } from './identifiers.ts';
import type { ClickHousePoolSettings } from './options.ts';
import { isTransient, isUnsent } from './retryable.ts';
import type { ClientSource } from './source.ts';
import type { ClickHouseEmitter } from './telemetry.ts';
import { Turns, type Turn } from './turns.ts';

/** After which trouble a call is made again: any that may pass, only if the server has not begun with it, or none. */
export type Repeatable = 'transient' | 'unsent' | 'never';

/** Sends requests at their turn, as often as it may help, and knows what is under way. */
export class Requests implements FlightHost {
  readonly settings: ClickHousePoolSettings;
  readonly turns: Turns;
  failures = 0;
  readonly #source: ClientSource;
  readonly #events: ClickHouseEmitter;
  readonly #flying = new Map<Flight, Turn>();
  readonly #leases = new Set<Turn>();
  readonly #ending = new AbortController();
  readonly #retries: Readonly<Record<'transient' | 'unsent', Retry>> | undefined;

  constructor(settings: ClickHousePoolSettings, source: ClientSource, events: ClickHouseEmitter) {
    this.settings = settings;
    this.turns = new Turns(settings, events);
    // As many listen as there are requests; Node warns of a leak at eleven.
    setMaxListeners(0, this.#ending.signal);
    this.#source = source;
    this.#events = events;
    if (settings.retry !== false) {
      this.#retries = {
        transient: this.#retry(isTransient),
        unsent: this.#retry(isUnsent),
      };
    }
  }

  get ending(): AbortSignal {
    return this.#ending.signal;
  }

  /** Requests that were sent again. */
  get retries(): number {
    const { transient, unsent } = this.#retries ?? {};
    return (transient?.snapshot().totals.retries ?? 0) + (unsent?.snapshot().totals.retries ?? 0);
  }

  /** How a call that begins now is limited. @param opensOnly whether only the beginning of its answer has to come in the pool's own time */
  limits(
    timeout: number | undefined,
    signal: AbortSignal | undefined,
    opensOnly = false,
  ): FlightLimits {
    const { clock, queryTimeout } = this.settings;
    const now = clock.now();
    const openDue = now + (timeout ?? queryTimeout);
    return {
      openDue,
      due: opensOnly && timeout === undefined ? Infinity : openDue,
      timeout: timeout ?? queryTimeout,
      signal,
    };
  }

  /**
   * Sends a request at its turn, again where that may help, and hands its answer to `read`, within the policy. The permit is free when `read` has settled;
   * unless it keeps the flight.
   * @param read may be called several times, if the call may be repeated
   */
  async run<T>(
    plan: FlightPlan,
    limits: FlightLimits,
    priority: number | undefined,
    repeatable: Repeatable,
    read: (flight: Flight) => Promise<T>,
    keeps = false,
  ): Promise<T> {
    // Inserters send what they hold while the pool drains.
    if (plan.operation !== 'insert') this.turns.assertOpen();
    const holding = this.turns.leaks?.begin();
    const attempt = async (): Promise<T> => {
      const { openDue: deadline, signal } = limits;
      const turn = await this.turns.take({ deadline, signal, priority }, holding);
      const flight = new Flight(this, plan, limits);
      this.#flying.set(flight, turn);
      const fly = async (): Promise<T> => {
        await flight.open();
        this.turns.lastTrouble = undefined;
        return read(flight);
      };
      let isKept = false;
      try {
        const result = await this.#guarded(flight, fly);
        isKept = keeps;
        return result;
      } catch (error) {
        // The policy's own, perhaps.
        flight.fail(error);
        throw error;
      } finally {
        if (!isKept) flight.close();
      }
    };
    if (this.#retries === undefined || repeatable === 'never') return attempt();
    const { openDue: deadline } = limits;
    // So that no wait for the next attempt outlasts the pool.
    const { signal, release } = deadlineSignal(
      this.settings.clock,
      this.settings.name,
      Infinity,
      limits.signal,
      this.ending,
    );
    try {
      return await this.#retries[repeatable].execute(attempt, { signal, deadline });
    } finally {
      release();
    }
  }

  /** A turn of its own, for whoever uses the client itself. */
  async lease(
    options: AcquireOptions,
  ): Promise<{ client: ClickHouseClient; giveBack: () => void }> {
    this.turns.assertOpen();
    const turn = await this.turns.take(options, this.turns.leaks?.begin());
    this.#leases.add(turn);
    const giveBack = (): void => {
      this.#leases.delete(turn);
      turn.end();
    };
    try {
      return { client: await this.#source.client(), giveBack };
    } catch (error) {
      giveBack();
      throw error;
    }
  }

  client(): Promise<ClickHouseClient> {
    return this.#source.client();
  }

  landed(flight: Flight, error: unknown): void {
    const { name, clock } = this.settings;
    if (error !== undefined && !flight.isAborted && !this.ending.aborted) this.failures++;
    if (isUnsent(error)) this.turns.lastTrouble = error;
    this.#events.query(() => ({
      pool: name,
      operation: flight.operation,
      queryId: flight.queryId,
      duration: clock.now() - flight.since,
      error,
    }));
    this.#flying.get(flight)?.end();
    this.#flying.delete(flight);
  }

  async kill(queryId: string): Promise<void> {
    const { name, clock, hookTimeout } = this.settings;
    const { signal, release } = deadlineSignal(clock, `a KILL QUERY of "${name}"`, hookTimeout);
    try {
      const client = await this.#source.client();
      const query = `KILL QUERY WHERE query_id = ${literal(queryId)} ASYNC`;
      const { stream } = await client.exec({ query, abort_signal: signal });
      signal.addEventListener('abort', () => stream.destroy(), { once: true });
      for await (const _ of stream);
    } catch (error) {
      this.#events.emit('error', { pool: name, during: 'kill', error: signal.reason ?? error });
    } finally {
      release();
    }
  }

  /** Breaks off all that is under way, and sends away who waits. Idempotent. */
  end(): void {
    this.turns.admission.close();
    this.#ending.abort(new PoolClosedError(this.settings.name));
    for (const turn of this.#leases) turn.end();
    this.#leases.clear();
  }

  #guarded<T>(flight: Flight, fly: () => Promise<T>): Promise<T> {
    const { policy } = this.settings;
    if (policy === undefined) return fly();
    const onAbort = (): void => {
      flight.close();
    };
    return policy.execute(async ({ signal }: PolicyContext) => {
      signal.addEventListener('abort', onAbort, { once: true });
      try {
        return await fly();
      } finally {
        signal.removeEventListener('abort', onAbort);
      }
    });
  }

  #retry(retryIf: (error: unknown) => boolean): Retry {
    const { name, clock, random } = this.settings;
    const options = this.settings.retry === false ? {} : this.settings.retry;
    const policy = retry({ ...options, name, clock, random, retryIf });
    policy.on('retry', ({ attempt, delay, error }) => {
      this.#events.retry({ pool: name, attempt, delay, error });
    });
    return policy;
  }
}
