import type { LoadScope } from './load-scope.ts';

interface Waiter {
  /** The load that the caller is part of. */
  readonly scope: LoadScope | undefined;
}

/** What is told of the waiters of a flight. */
interface WaitersWatch {
  /** Part of a load. */
  readonly onJoin: (scope: LoadScope) => void;
  readonly onNone: () => void;
}

/** Gives a place among the waiters up, with the reason; idempotent. */
export type StopWaiting = (reason?: unknown) => void;

/** Who waits for one flight. */
export class Waiters {
  /** Everybody gave up before its load had its turn: it never loads, and nobody may join any more. */
  abandoned = false;
  /** Why the last one stopped waiting. */
  lastReason: unknown;
  /** Told of who comes and goes while the load waits for its turn. */
  watch: WaitersWatch | undefined;
  readonly #waiting = new Set<Waiter>();

  get none(): boolean {
    return this.#waiting.size === 0;
  }

  /** @param scope the load that the caller is part of */
  add(scope: LoadScope | undefined): StopWaiting {
    const waiter = { scope };
    this.#waiting.add(waiter);
    if (scope !== undefined) this.watch?.onJoin(scope);
    return (reason) => {
      if (!this.#waiting.delete(waiter) || this.#waiting.size > 0) return;
      this.lastReason = reason;
      this.watch?.onNone();
    };
  }

  /** The loads that wait. */
  scopes(): readonly LoadScope[] {
    const scopes: LoadScope[] = [];
    for (const { scope } of this.#waiting) if (scope !== undefined) scopes.push(scope);
    return scopes;
  }
}

/** What {@link watchWaiters} tells. */
export interface TurnWatch {
  /** Nobody waits any more for any of the flights, which are abandoned from now on; once, with the last one's reason. */
  readonly onAbandon: (reason: unknown) => void;
  /** A load waits for one of them. */
  readonly onJoin: (scope: LoadScope) => void;
}

/**
 * Watches who waits for the flights of one load, from who is there already on.
 * @returns what ends the watch
 */
export function watchWaiters(
  flights: readonly Waiters[],
  { onAbandon, onJoin }: TurnWatch,
): () => void {
  // Where somebody was found waiting last: looking begins there.
  let place = 0;
  const stop = (): void => {
    for (const flight of flights) flight.watch = undefined;
  };
  const onNone = (): void => {
    for (let looked = 0; looked < flights.length; looked++) {
      if (flights[place]?.none === false) return;
      place = (place + 1) % flights.length;
    }
    stop();
    for (const flight of flights) flight.abandoned = true;
    onAbandon(flights[place]?.lastReason);
  };
  for (const flight of flights) {
    flight.watch = { onJoin, onNone };
    for (const scope of flight.scopes()) onJoin(scope);
  }
  onNone();
  return stop;
}
