import type { Clock, Timer } from '@perf/core';

/** Something that is out for too long. */
export interface LeakEvent {
  /** The pool's name. */
  readonly pool: string;
  /** Milliseconds since it was acquired. */
  readonly heldFor: number;
  /** Who called the acquire, as the lines of a stack; `undefined` without `leakStacks`. */
  readonly stack: string | undefined;
}

/** One that is out. */
export interface Holding {
  since: number;
  readonly origin: Error | undefined;
  isReported: boolean;
}

/** Options of a {@link LeakWatch}. */
export interface LeakWatchOptions {
  readonly name: string;
  readonly clock: Clock;
  /** Milliseconds after which one counts as leaked. */
  readonly threshold: number;
  /** Whether the stack of each acquire is kept. */
  readonly stacks: boolean;
  onLeak(event: LeakEvent): void;
  /** One that was reported has come back. */
  onReturn(event: LeakEvent): void;
}

/** Its message, `begin`, and what called that. */
const OWN_LINES = 3;

class Origin extends Error {}

/** Looks for what is out for too long: one timer for all, which runs only while something is out and keeps no process alive. */
export class LeakWatch {
  /** Those that are reported and still out. */
  leaked = 0;
  readonly #options: LeakWatchOptions;
  readonly #holdings = new Set<Holding>();
  #timer: Timer | undefined;

  constructor(options: LeakWatchOptions) {
    this.#options = options;
  }

  /** To be called by what the user calls: both are left out of the stack. */
  begin(): Holding {
    const origin = this.#options.stacks ? new Origin() : undefined;
    return { since: 0, origin, isReported: false };
  }

  /** It is out from now on. */
  add(holding: Holding): void {
    holding.since = this.#options.clock.now();
    this.#holdings.add(holding);
    if (this.#timer === undefined) this.#arm();
  }

  /** @returns milliseconds that it was out */
  remove(holding: Holding): number {
    this.#holdings.delete(holding);
    const heldFor = this.#options.clock.now() - holding.since;
    if (holding.isReported) {
      this.leaked--;
      this.#options.onReturn(this.#event(holding, heldFor));
    }
    return heldFor;
  }

  close(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #arm(): void {
    const { clock, threshold } = this.#options;
    this.#timer = clock.setTimer(this.#sweep, Math.max(1, Math.ceil(threshold / 4)));
  }

  readonly #sweep = (): void => {
    this.#timer = undefined;
    const { clock, threshold } = this.#options;
    const now = clock.now();
    for (const holding of this.#holdings) {
      const heldFor = now - holding.since;
      if (holding.isReported || heldFor < threshold) continue;
      holding.isReported = true;
      this.leaked++;
      this.#options.onLeak(this.#event(holding, heldFor));
    }
    if (this.#holdings.size > 0) this.#arm();
  };

  #event({ origin }: Holding, heldFor: number): LeakEvent {
    const stack = origin?.stack?.split('\n').slice(OWN_LINES).join('\n');
    return { pool: this.#options.name, heldFor, stack };
  }
}
