/** A pending callback made by {@link Clock.setTimer}. */
export interface Timer {
  /** Prevents the callback from running. Harmless when it ran or was cancelled already. */
  cancel(): void;
  /** Whether the process stays alive until the callback has run. Harmless when it ran or was cancelled already. */
  keepAlive(on: boolean): void;
}

/** Options of {@link Clock.setTimer}. */
export interface TimerOptions {
  /** Whether the process stays alive until then: for what a caller awaits. @default false */
  readonly keepAlive?: boolean;
}

/**
 * The only source of time in the `@perf` packages. Pass a `ManualClock` (from
 * `@perf/core/testing`) to drive time by hand.
 */
export interface Clock {
  /** Monotonic milliseconds since an arbitrary start, with fractions. Never runs backwards. */
  now(): number;
  /**
   * {@link now} floored to whole milliseconds and possibly stale: it is refreshed once per turn of
   * the event loop and every few dozen calls, so it costs a few nanoseconds. It lags, it never leads.
   */
  coarse(): number;
  /** Milliseconds since 1970-01-01 UTC. May jump when the system's clock is set. */
  epoch(): number;
  /**
   * Runs `callback` once after `delay` milliseconds. The timer does not keep the process alive, unless
   * it is asked to. Delays beyond 2³¹ − 1 ms (24.8 days) are waited for in steps.
   */
  setTimer(callback: () => void, delay: number, options?: TimerOptions): Timer;
}

/** The longest delay that Node's `setTimeout` takes; above it the callback would run at once. */
const LONGEST_DELAY = 2 ** 31 - 1;
/** How many coarse readings one real reading may serve in a turn that never ends. */
const USES_PER_READING = 64;

class SystemTimer implements Timer {
  #handle: NodeJS.Timeout;
  #keepAlive: boolean;

  constructor(callback: () => void, delay: number, { keepAlive = false }: TimerOptions) {
    this.#keepAlive = keepAlive;
    this.#handle = this.#arm(callback, delay);
  }

  cancel(): void {
    clearTimeout(this.#handle);
  }

  keepAlive(on: boolean): void {
    this.#keepAlive = on;
    if (on) this.#handle.ref();
    else this.#handle.unref();
  }

  #arm(callback: () => void, delay: number): NodeJS.Timeout {
    const handle =
      delay > LONGEST_DELAY
        ? setTimeout(() => {
            this.#handle = this.#arm(callback, delay - LONGEST_DELAY);
          }, LONGEST_DELAY)
        : setTimeout(callback, delay);
    return this.#keepAlive ? handle : handle.unref();
  }
}

class SystemClock implements Clock {
  #reading = 0;
  #usesLeft = 0;
  #armed = false;
  readonly #expire = (): void => {
    this.#armed = false;
    this.#usesLeft = 0;
  };

  now(): number {
    return performance.now();
  }

  coarse(): number {
    if (this.#usesLeft > 0) {
      this.#usesLeft--;
      return this.#reading;
    }
    return this.#read();
  }

  epoch(): number {
    return Date.now();
  }

  setTimer(callback: () => void, delay: number, options: TimerOptions = {}): Timer {
    return new SystemTimer(callback, delay, options);
  }

  #read(): number {
    this.#reading = Math.floor(performance.now());
    this.#usesLeft = USES_PER_READING - 1;
    if (!this.#armed) {
      this.#armed = true;
      // Not unreferenced: the loop would then sleep before it runs, and the reading with it.
      setImmediate(this.#expire);
    }
    return this.#reading;
  }
}

/** The process's clock: `performance.now`, `Date.now` and unreferenced `setTimeout`. */
export const systemClock: Clock = new SystemClock();
