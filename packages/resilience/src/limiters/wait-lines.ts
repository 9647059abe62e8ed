import { DueEntry, DueList, type Clock, type Timer } from '@perf/core';
import type { Decision } from './rate-limiter.ts';

/** Whose waits they are. */
export interface WaitOwner {
  /** Takes the cost for whoever is first in the key's line, if it is there. */
  attempt(key: string, cost: number): Decision | Promise<Decision>;
  /** Gives back what was taken for somebody who had gone by then. */
  giveBack(key: string, cost: number): void;
  /** What somebody is told whose time has passed. @param last why the line waits */
  refusal(key: string, cost: number, last: Decision): Decision;
}

/** One who waits: in its line, in the list of all deadlines, and as a listener on its signal. */
class Waiter extends DueEntry {
  readonly line: Line;
  readonly cost: number;
  readonly resolve: (decision: Decision) => void;
  readonly reject: (reason: unknown) => void;
  readonly #host: WaitLines;
  readonly #signal: AbortSignal | undefined;

  constructor(
    host: WaitLines,
    line: Line,
    cost: number,
    signal: AbortSignal | undefined,
    resolve: (decision: Decision) => void,
    reject: (reason: unknown) => void,
  ) {
    super();
    this.#host = host;
    this.line = line;
    this.cost = cost;
    this.resolve = resolve;
    this.reject = reject;
    this.#signal = signal;
    signal?.addEventListener('abort', this);
  }

  unlisten(): void {
    this.#signal?.removeEventListener('abort', this);
  }

  /** An object that has this is a listener. */
  handleEvent(): void {
    this.reject(this.#signal?.reason);
    this.#host.aborted(this);
  }

  override expire(): void {
    this.#host.expired(this);
  }
}

interface Line {
  readonly key: string;
  /** In the order of arrival; a `Set` forgets any of them at once. */
  readonly waiters: Set<Waiter>;
  /** What all of them want. */
  cost: number;
  timer: Timer | undefined;
  /** What its first one was told last. */
  last: Decision;
  /** Whether the first one's attempt is under way. */
  isAsking: boolean;
}

/**
 * Who waits for which key: a line for each, first come, first served. The first of a line tries when the limiter has
 * said that it might be admitted, and at once when the one before it has gone.
 */
export class WaitLines {
  readonly #clock: Clock;
  readonly #owner: WaitOwner;
  readonly #due: DueList;
  readonly #lines = new Map<string, Line>();
  #size = 0;
  #aborted = 0;

  constructor(clock: Clock, owner: WaitOwner) {
    this.#clock = clock;
    this.#owner = owner;
    this.#due = new DueList(clock);
  }

  /** How many wait. */
  get size(): number {
    return this.#size;
  }

  /** How many waits were aborted since the start. */
  get abortions(): number {
    return this.#aborted;
  }

  has(key: string): boolean {
    return this.#lines.has(key);
  }

  /** What those want who wait for the key. */
  ahead(key: string): number {
    return this.#lines.get(key)?.cost ?? 0;
  }

  /** Why the key's line waits. */
  reason(key: string): Decision | undefined {
    return this.#lines.get(key)?.last;
  }

  /**
   * Waits at the end of the key's line. The signal has not aborted yet.
   * @param refusal why it has to wait
   * @param timeout the longest wait; `Infinity` for none
   */
  join(
    key: string,
    cost: number,
    refusal: Decision,
    timeout: number,
    signal: AbortSignal | undefined,
  ): Promise<Decision> {
    const line = this.#lines.get(key) ?? this.#open(key, refusal);
    return new Promise<Decision>((resolve, reject) => {
      const waiter = new Waiter(this, line, cost, signal, resolve, reject);
      line.waiters.add(waiter);
      line.cost += cost;
      this.#size++;
      if (timeout === Infinity) return;
      const now = this.#clock.now();
      this.#due.add(waiter, now + timeout, now);
    });
  }

  /** The waiter's time is up. */
  expired(waiter: Waiter): void {
    const { line, cost, resolve } = waiter;
    this.#leave(waiter);
    resolve(this.#owner.refusal(line.key, cost, line.last));
  }

  /** The waiter's signal has aborted. */
  aborted(waiter: Waiter): void {
    this.#aborted++;
    this.#leave(waiter);
  }

  /** Lets the first one of the key try now: there may be more than was thought. */
  wake(key: string): void {
    const line = this.#lines.get(key);
    if (line !== undefined) this.#serve(line);
  }

  /** Ends every wait with the error. */
  rejectAll(error: Error): void {
    for (const line of this.#lines.values()) {
      for (const waiter of line.waiters) {
        this.#remove(waiter);
        waiter.reject(error);
      }
    }
  }

  #open(key: string, last: Decision): Line {
    const line: Line = {
      key,
      waiters: new Set(),
      cost: 0,
      timer: undefined,
      last,
      isAsking: false,
    };
    this.#lines.set(key, line);
    this.#arm(line, last.retryAfter);
    return line;
  }

  #serve(line: Line): void {
    if (line.isAsking) return;
    line.timer?.cancel();
    for (let [first] = line.waiters; first !== undefined; [first] = line.waiters) {
      const waiter = first;
      const answer = this.#owner.attempt(line.key, waiter.cost);
      if (answer instanceof Promise) {
        void this.#await(line, waiter, answer);
        return;
      }
      if (!this.#take(line, waiter, answer)) return;
    }
  }

  async #await(line: Line, waiter: Waiter, answer: Promise<Decision>): Promise<void> {
    line.isAsking = true;
    let goesOn = true;
    try {
      goesOn = this.#take(line, waiter, await answer);
    } catch (error) {
      if (this.#remove(waiter)) waiter.reject(error);
    } finally {
      line.isAsking = false;
    }
    if (goesOn) this.#serve(line);
  }

  /** @returns whether the first one of the line tries at once */
  #take(line: Line, waiter: Waiter, decision: Decision): boolean {
    if (decision.admitted) {
      if (this.#remove(waiter)) waiter.resolve(decision);
      else this.#owner.giveBack(line.key, waiter.cost);
      return true;
    }
    // Who is first now may want less than the one who has gone.
    if (!line.waiters.has(waiter)) return true;
    line.last = decision;
    this.#arm(line, decision.retryAfter);
    return false;
  }

  #leave(waiter: Waiter): void {
    const { line } = waiter;
    const [first] = line.waiters;
    this.#remove(waiter);
    if (first === waiter) this.#serve(line);
  }

  /** @returns whether it was there */
  #remove(waiter: Waiter): boolean {
    const { line } = waiter;
    if (!line.waiters.delete(waiter)) return false;
    waiter.unlisten();
    this.#due.remove(waiter);
    line.cost = line.waiters.size === 0 ? 0 : line.cost - waiter.cost;
    this.#size--;
    if (line.waiters.size === 0) {
      line.timer?.cancel();
      this.#lines.delete(line.key);
    }
    return true;
  }

  #arm(line: Line, delay: number): void {
    line.timer?.cancel();
    // Blocked for good: somebody has to wake it.
    if (delay === Infinity) return;
    const serve = (): void => {
      this.#serve(line);
    };
    line.timer = this.#clock.setTimer(serve, Math.max(1, delay), { keepAlive: true });
  }
}
