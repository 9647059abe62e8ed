import type { Clock } from '@perf/core';
import type { StoreGate } from './store-gate.ts';

/** How many keys are remembered as touched; beyond that some are touched again early. */
const MOST_KEYS = 10_000;
/** In how many steps the last lifetimes are rounded up, so that few calls carry many keys. */
const STEPS = 8;

/** What {@link Touches} need. */
export interface TouchesOptions {
  readonly clock: Clock;
  readonly gates: readonly StoreGate[];
  /** Milliseconds. */
  readonly slidingTtl: number;
  /** Keeps `close` waiting for it. */
  readonly background: (work: Promise<unknown>) => void;
}

/**
 * Has the stores keep what is read for longer: the keys of one turn of the event loop together, each key
 * at most once per half `slidingTtl`. A touch that fails is reported by the gate and not repeated.
 */
export class Touches {
  readonly #options: TouchesOptions;
  readonly #gates: readonly StoreGate[];
  /** Until when each key is not touched again, in the order of these times. */
  readonly #recent = new Map<string, number>();
  /** The keys of this turn, by lifetime. */
  #gathered = new Map<number, string[]>();

  constructor(options: TouchesOptions) {
    this.#options = options;
    this.#gates = options.gates.filter(({ store }) => store.touchMany !== undefined);
  }

  /** Whether there is a store that can. */
  get any(): boolean {
    return this.#gates.length > 0;
  }

  /** @param left how long the entry is to be kept at most, in milliseconds */
  add(key: string, left: number): void {
    const { clock, slidingTtl } = this.#options;
    const now = clock.now();
    if ((this.#recent.get(key) ?? 0) > now) return;
    this.#remember(key, now, now + slidingTtl / 2);
    const step = slidingTtl / STEPS;
    const ttl = Math.max(1, Math.min(slidingTtl, Math.ceil(Math.ceil(left / step) * step)));
    if (this.#gathered.size === 0) setImmediate(() => this.#flush());
    const keys = this.#gathered.get(ttl);
    if (keys === undefined) this.#gathered.set(ttl, [key]);
    else keys.push(key);
  }

  #remember(key: string, now: number, until: number): void {
    this.#recent.delete(key);
    this.#recent.set(key, until);
    for (const [oldest, end] of this.#recent) {
      if (end > now && this.#recent.size <= MOST_KEYS) break;
      this.#recent.delete(oldest);
    }
  }

  #flush(): void {
    const gathered = this.#gathered;
    this.#gathered = new Map();
    for (const gate of this.#gates) {
      if (!gate.available) continue;
      const touchMany = gate.store.touchMany?.bind(gate.store);
      if (touchMany === undefined) continue;
      for (const [ttl, keys] of gathered) {
        this.#options.background(
          gate.callMany('touchMany', keys, async (some, call) => {
            await touchMany(some, ttl, call);
            return some;
          }),
        );
      }
    }
  }
}
