import { deadlineSignal, type PolicyContext } from '@perf/core';
import { retry, type Retry } from '@perf/resilience';
import { acquireChannel } from '../admission/acquire-channel.ts';
import type { AcquireOptions } from '../admission/acquire-options.ts';
import { Admission, type Supply } from '../admission/admission.ts';
import { PoolClosedError } from '../errors.ts';
import { LeakWatch, type Holding } from '../leaks/leak-watch.ts';
import { TimingWindow } from '../statistics/timing-window.ts';
import type { ClickHouseClient } from './client.ts';
import { Flight, type FlightHost, type FlightLimits, type FlightPlan } from './flight.ts';
import { literal } from './identifiers.ts';
import type { ClickHousePoolSettings } from './options.ts';
import { isTransient, isUnsent } from './retryable.ts';
import type { ClientSource } from './source.ts';
import type { ClickHouseEmitter } from './telemetry.ts';

/** After which trouble a call is made again: any that may pass, only if the server has not begun with it, or none. */
export type Repeatable = 'transient' | 'unsent' | 'never';

/** The right to have one request under way. */
const PERMIT: unique symbol = Symbol('permit');

/** Lets requests out, as many as may be at once, and lets them out again. */
export class Requests implements FlightHost, Supply<typeof PERMIT> {
  readonly settings: ClickHousePoolSettings;
  readonly admission: Admission<typeof PERMIT>;
  readonly leaks: LeakWatch | undefined;
  readonly useTimes: TimingWindow;
  failures = 0;
  readonly #source: ClientSource;
  readonly #events: ClickHouseEmitter;
  readonly #holdings = new Map<Flight, Holding>();
  readonly #ending = new AbortController();
  readonly #retries: Readonly<Record<'transient' | 'unsent', Retry>> | undefined;
  /** What gives back each lease that is out. */
  readonly #leases = new Set<() => void>();
  #isClosing = false;
  /** Why the server could not be reached, until it can. */
  #trouble: unknown;

  constructor(settings: ClickHousePoolSettings, source: ClientSource, events: ClickHouseEmitter) {
    const { name, clock, max, leakThreshold, leakStacks } = settings;
    this.settings = settings;
    this.#source = source;
    this.#events = events;
    this.admission = new Admission({ ...settings, limit: max }, this);
    this.useTimes = new TimingWindow(clock);
    if (leakThreshold !== Infinity) {
      this.leaks = new LeakWatch({
        name,
        clock,
        threshold: leakThreshold,
        stacks: leakStacks,
        onLeak: (event) => {
          events.leak(event);
        },
        onReturn: (event) => {
          events.emit('leakReturned', event);
        },
      });
    }
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
    if (this.#isClosing && plan.kind !== 'insert') this.#refuse();
    const holding = this.leaks?.begin();
    const attempt = async (): Promise<T> => {
      const { openDue: deadline, signal } = limits;
      await this.#turn({ deadline, signal, priority });
      const flight = new Flight(this, plan, limits);
      this.#hold(flight, holding);
      const fly = async (): Promise<T> => {
        await flight.open();
        this.#trouble = undefined;
        return read(flight);
      };
      let isKept = false;
      try {
        const result = await this.#guarded(flight, fly);
        isKept = keeps;
        return result;
      } finally {
        if (!isKept) flight.close();
      }
    };
    if (this.#retries === undefined || repeatable === 'never') return attempt();
    const { signal, openDue: deadline } = limits;
    return this.#retries[repeatable].execute(attempt, { signal, deadline });
  }

  /** A turn of its own, for whoever uses the client itself. */
  async lease(
    options: AcquireOptions,
  ): Promise<{ client: ClickHouseClient; giveBack: () => void }> {
    if (this.#isClosing) this.#refuse();
    const holding = this.leaks?.begin();
    await this.#turn(options);
    if (holding !== undefined) this.leaks?.add(holding);
    let isOut = true;
    const giveBack = (): void => {
      if (!isOut) return;
      isOut = false;
      this.#leases.delete(giveBack);
      if (holding !== undefined && this.leaks !== undefined) {
        this.useTimes.add(this.leaks.remove(holding));
      }
      this.admission.release();
    };
    this.#leases.add(giveBack);
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
    const holding = this.#holdings.get(flight);
    this.#holdings.delete(flight);
    if (holding !== undefined && this.leaks !== undefined) {
      this.useTimes.add(this.leaks.remove(holding));
    }
    if (error !== undefined && !flight.isAborted && !this.ending.aborted) this.failures++;
    if (isUnsent(error)) this.#trouble = error;
    this.#events.query(() => ({
      pool: name,
      kind: flight.kind,
      queryId: flight.queryId,
      duration: clock.now() - flight.since,
      error,
    }));
    this.admission.release();
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

  // As a supply of permits: they are never short, the limit is what bounds them.

  take(): typeof PERMIT {
    return PERMIT;
  }

  wanted(): boolean {
    return false;
  }

  trouble(): unknown {
    return this.#trouble;
  }

  /** Lets nobody in but the pool's own inserters. */
  closeToCallers(): void {
    this.#isClosing = true;
  }

  /** Breaks off all that is under way, and sends away who waits. Idempotent. */
  end(): void {
    this.admission.close();
    this.#ending.abort(new PoolClosedError(this.settings.name));
    for (const giveBack of this.#leases) giveBack();
  }

  #refuse(): never {
    this.admission.rejected++;
    throw new PoolClosedError(this.settings.name);
  }

  #hold(flight: Flight, holding: Holding | undefined): void {
    if (holding === undefined) return;
    this.leaks?.add(holding);
    this.#holdings.set(flight, holding);
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

  async #turn(options: AcquireOptions): Promise<void> {
    if (!acquireChannel.active) {
      await this.admission.acquire(options);
      return;
    }
    const { name: pool, clock } = this.settings;
    const since = clock.now();
    const tell = (error: unknown): void => {
      acquireChannel.publish({ pool, waited: clock.now() - since, error });
    };
    try {
      await this.admission.acquire(options);
    } catch (error) {
      tell(error);
      throw error;
    }
    tell(undefined);
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
