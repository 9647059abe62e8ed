import type { CallScope } from './call-scope.ts';
import { FairLock, type Place } from './fair-lock.ts';

/**
 * Lets operations on one name take effect in the order in which they were asked for (reads side by
 * side), those on the whole store between those before and those after, and bounds how many run at
 * once. An operation gives its place back when its work has really ended, not when its caller stopped
 * waiting: what comes later never overtakes it.
 */
export class OperationOrder {
  readonly #whole = new FairLock();
  readonly #byName = new Map<string, FairLock>();
  readonly #slots: FairLock;

  /** @param concurrency how many operations run at once */
  constructor(concurrency: number) {
    this.#slots = new FairLock(concurrency);
  }

  /** Whether nothing runs or waits. */
  get idle(): boolean {
    return this.#whole.idle;
  }

  /** Queued when called. Rejects with the deadline's reason if that passes before the work begins. */
  async run<T>(
    scope: CallScope,
    name: string,
    exclusive: boolean,
    work: () => Promise<T>,
  ): Promise<T> {
    const lock = this.#lockOf(name);
    const whole = this.#whole.enter(false);
    const own = lock.enter(exclusive);
    let slot: Place | undefined;
    try {
      if (!whole.granted) await scope.granted(whole);
      if (!own.granted) await scope.granted(own);
      slot = this.#slots.enter(false);
      if (!slot.granted) await scope.granted(slot);
      scope.check();
      return await work();
    } finally {
      if (slot !== undefined) this.#slots.leave(slot);
      this.#leave(name, lock, own);
      this.#whole.leave(whole);
    }
  }

  /** Runs when everything called before has ended; everything called later waits for it. */
  async runAlone<T>(scope: CallScope, work: () => Promise<T>): Promise<T> {
    const whole = this.#whole.enter(true);
    try {
      if (!whole.granted) await scope.granted(whole);
      scope.check();
      return await work();
    } finally {
      this.#whole.leave(whole);
    }
  }

  /**
   * For an operation that must not wait because another one waits for it: `undefined` if the name is
   * in use. To be called from within a running operation.
   */
  tryRun<T>(name: string, work: () => Promise<T>): Promise<T> | undefined {
    if (this.#byName.has(name)) return undefined;
    const lock = this.#lockOf(name);
    const own = lock.enter(true);
    return work().finally(() => {
      this.#leave(name, lock, own);
    });
  }

  #lockOf(name: string): FairLock {
    let lock = this.#byName.get(name);
    if (lock === undefined) {
      lock = new FairLock();
      this.#byName.set(name, lock);
    }
    return lock;
  }

  #leave(name: string, lock: FairLock, place: Place): void {
    lock.leave(place);
    if (lock.idle) this.#byName.delete(name);
  }
}
