import { abortable, createDeferred } from '@perf/core';
import { LoadCycleError } from '../errors.ts';
import type { CacheContext } from '../context/cache-context.ts';
import { setRefreshAt } from '../local/attention.ts';
import type { Judged } from '../invalidation/ledger-replica.ts';
import type { LocalEntry } from '../local/local-entry.ts';
import { stateOfSpare } from '../entries/spare.ts';
import type { StoreReader } from '../entries/store-reader.ts';
import { Flight, type FlightRequest, type Landing } from './flight.ts';
import type { LoadRunner } from './load-runner.ts';
import { closesCycle, currentScope } from './load-scope.ts';
import type { StopWaiting } from './waiters.ts';

/** How often a caller starts over because the key was changed before its load began. */
const RESTARTS = 3;

/** What was known of invalidations at a time. */
interface Known {
  readonly ledgerId: string;
  readonly reached: number;
  /** The last one that was called for in this process; it may have had no number yet. */
  readonly lastMark: number;
}

/** A caller's place in a flight. */
interface Boarding<V> {
  readonly flight: Flight<V>;
  readonly leave: StopWaiting;
  /** What was known of invalidations when it joined; nothing when the flight began with this caller. */
  readonly known: Known | undefined;
}

/** Brings callers and flights together: at most one flight per key that later callers may join. */
export class CacheLoader<V> {
  readonly #context: CacheContext<V>;
  readonly #reader: StoreReader<V>;
  readonly #runner: LoadRunner;
  readonly #flights = new Map<string, Flight<V>>();

  constructor(context: CacheContext<V>, reader: StoreReader<V>, runner: LoadRunner) {
    this.#context = context;
    this.#reader = reader;
    this.#runner = runner;
  }

  /** Whether the key is being loaded. */
  isLoading(key: string): boolean {
    return this.#flights.has(key);
  }

  /**
   * Waits for a flight, its own or one under way, whose value is not older than this call.
   * @param group what ends the waits of a caller that waits for many flights, in place of a signal
   */
  async load(
    request: FlightRequest<V>,
    signal?: AbortSignal,
    group?: Set<StopWaiting>,
  ): Promise<Extract<Landing<V>, { kind: 'value' }>> {
    for (let attempt = 0; ; attempt++) {
      signal?.throwIfAborted();
      const first = attempt === 0 ? request : { ...request, read: undefined, spare: undefined };
      const { flight, leave, known } = await this.#board(
        { ...first, insist: attempt >= RESTARTS },
        signal,
      );
      group?.add(leave);
      const landing = await abortable(this.#land(flight, request), signal).finally(() => {
        leave(signal?.reason);
        group?.delete(leave);
      });
      if (landing.kind === 'outdated') continue;
      const { entry } = landing;
      // Whoever joined before the ledger was first read came before the load began.
      if (known === undefined || isAsOf(entry, known) || this.#isValid(request.key, entry)) {
        return landing;
      }
      // Its load is older than an invalidation that was known when this caller came.
      flight.fence.outdated = true;
    }
  }

  /** Replaces an entry in the background, unless its key is being loaded already or failed just now. */
  refresh(request: FlightRequest<V>, isEarly = false): void {
    const { background, counters, holdDowns } = this.#context;
    const held = holdDowns.of(request.key);
    // Until it is over, hits have only to serve.
    if (request.refreshing !== undefined) setRefreshAt(request.refreshing, held?.until ?? Infinity);
    if (held !== undefined || this.#joinable(request.key) !== undefined) return;
    counters.refreshes++;
    if (isEarly) counters.earlyRefreshes++;
    const flight = this.#start(request);
    flight.keep();
    background('refresh', request.key, flight.landing);
  }

  /** What the flight ends with, or after the soft timeout what is at hand instead. */
  async #land(flight: Flight<V>, request: FlightRequest<V>): Promise<Landing<V>> {
    const { background, clock, options } = this.#context;
    if (options.softTimeout === Infinity || options.staleIfError === 0) return flight.landing;
    const soft = createDeferred<undefined>();
    const left = flight.began + options.softTimeout - clock.now();
    const timer = clock.setTimer(() => soft.resolve(undefined), Math.max(0, left), {
      keepAlive: true,
    });
    const landed = flight.landing.then(ignore, ignore);
    try {
      const landing = await Promise.race([flight.landing, soft.promise]);
      if (landing !== undefined) return landing;
    } finally {
      timer.cancel();
    }
    // It may be on its way from a store.
    const spare = request.spare ?? (await Promise.race([flight.spare, landed]));
    const state =
      spare === undefined ? undefined : await stateOfSpare(this.#context, flight.fence, spare);
    if (spare === undefined || state === undefined) return flight.landing;
    if (flight.keep()) background('load', request.key, flight.landing);
    return { ...spare, kind: 'value', state: state === 'hit' ? 'hit' : 'stale', instead: {} };
  }

  /** Starts a flight unless there is one that is known to have missed nothing until now. */
  async #board(request: FlightRequest<V>, signal: AbortSignal | undefined): Promise<Boarding<V>> {
    const { ledger, counters } = this.#context;
    const { key } = request;
    const scope = currentScope();
    for (;;) {
      let standing = this.#joinable(key);
      if (standing !== undefined && closesCycle(scope, standing.waiters)) {
        throw new LoadCycleError(key);
      }
      if (standing !== undefined && !this.#isCurrent(standing)) {
        const proved = await abortable(ledger.prove(), signal);
        const outdating = standing;
        standing = this.#joinable(key);
        if (standing !== outdating) continue;
        const missed = standing.epoch !== ledger.epoch;
        if ((missed || !proved) && !this.#isCurrent(standing)) {
          // Nobody can tell what it missed: its successor, which all who wait share, begins after this call.
          const leave = standing.waiters.add(scope);
          await abortable(standing.landing.then(ignore, ignore), signal).finally(() => {
            leave(signal?.reason);
          });
          continue;
        }
      }
      const flight = standing ?? this.#start(request);
      // At once: a load that nobody waits for does not wait for its turn.
      const leave = flight.waiters.add(scope);
      if (standing === undefined) return { flight, leave, known: undefined };
      counters.coalesced++;
      const { id: ledgerId, reached, lastMark } = ledger.replica;
      return { flight, leave, known: { ledgerId, reached, lastMark } };
    }
  }

  /** Whether what others wrote since the flight began would be known. */
  #isCurrent({ began, epoch }: Flight<V>): boolean {
    const { ledger, clock, options } = this.#context;
    const now = clock.now();
    const { liveUntil, liveEpoch, lastLive } = ledger;
    if (epoch === ledger.epoch && now <= Math.max(liveUntil, began + ledger.window)) return true;
    if (!ledger.isolated) return false;
    const contact = epoch === liveEpoch ? Math.max(lastLive, began) : began;
    return now - contact <= options.isolatedServe;
  }

  #joinable(key: string): Flight<V> | undefined {
    const flight = this.#flights.get(key);
    if (flight === undefined || flight.fence.outdated || flight.waiters.abandoned) return undefined;
    return flight;
  }

  #start(request: FlightRequest<V>): Flight<V> {
    const { key } = request;
    const flight = new Flight(this.#context, this.#reader, this.#runner, request);
    this.#flights.set(key, flight);
    const ended = flight.run().finally(() => {
      if (this.#flights.get(key) === flight) this.#flights.delete(key);
    });
    this.#context.background('load', key, ended);
    return flight;
  }

  #isValid(key: string, entry: LocalEntry<V>): boolean {
    return this.#context.local.isObeying(key, entry);
  }
}

/** Whether the load began when all that was known. */
function isAsOf({ ledgerId, asOf, born }: Judged & { born: number }, known: Known): boolean {
  if (born < known.lastMark) return false;
  // Whoever joined before the ledger was first read came before the load began.
  return known.ledgerId === '' || (ledgerId === known.ledgerId && asOf >= known.reached);
}

function ignore(): void {}
