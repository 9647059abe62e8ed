import type { Admission } from '../admission/admission.ts';
import type { LeakWatch } from '../leaks/leak-watch.ts';
import { TimingWindow } from '../statistics/timing-window.ts';
import { boundedHook, isThenable } from './bounded-hook.ts';
import type { Inventory } from './inventory.ts';
import type { ObjectPoolSettings } from './options.ts';
import type { Slot, SlotHost } from './slot.ts';

/** Takes back what was out: resets it, or lets it be destroyed, and then gives its place free. */
export class ReturnDesk<T> implements SlotHost<T> {
  readonly name: string;
  readonly useTimes: TimingWindow;
  readonly #settings: ObjectPoolSettings<T>;
  readonly #reset: ObjectPoolSettings<T>['reset'];
  readonly #admission: Admission<Slot<T>>;
  readonly #inventory: Inventory<T>;
  readonly #leaks: LeakWatch | undefined;

  constructor(
    settings: ObjectPoolSettings<T>,
    admission: Admission<Slot<T>>,
    inventory: Inventory<T>,
    leaks: LeakWatch | undefined,
  ) {
    this.name = settings.name;
    this.useTimes = new TimingWindow(settings.clock);
    this.#settings = settings;
    this.#reset = settings.reset;
    this.#admission = admission;
    this.#inventory = inventory;
    this.#leaks = leaks;
  }

  takeBack(slot: Slot<T>, isFit: boolean): Promise<void> | undefined {
    if (this.#leaks !== undefined) this.#timeUse(slot, this.#leaks);
    if (!isFit) this.#inventory.end(slot, this.#admission.isClosed ? 'closed' : 'discarded');
    else if (slot.isLost) this.#inventory.end(slot, 'lost');
    else if (this.#reset === undefined) this.#inventory.put(slot);
    else return this.#resetFirst(slot, this.#reset);
    this.#admission.release();
    return undefined;
  }

  #timeUse(slot: Slot<T>, leaks: LeakWatch): void {
    const { holding } = slot;
    if (holding === undefined) return;
    slot.holding = undefined;
    this.useTimes.add(leaks.remove(holding));
  }

  #resetFirst(
    slot: Slot<T>,
    reset: (value: T) => void | PromiseLike<void>,
  ): Promise<void> | undefined {
    const { clock, hookTimeout, name } = this.#settings;
    let failure: { readonly error: unknown } | undefined;
    try {
      const result = reset(slot.value);
      if (result !== undefined && isThenable(result)) {
        return boundedHook(clock, `a reset of the pool "${name}"`, hookTimeout, result).then(
          () => {
            this.#settle(slot, undefined);
          },
          (error: unknown) => {
            this.#settle(slot, { error });
          },
        );
      }
    } catch (error) {
      failure = { error };
    }
    this.#settle(slot, failure);
    return undefined;
  }

  #settle(slot: Slot<T>, failure: { readonly error: unknown } | undefined): void {
    if (failure === undefined) {
      this.#inventory.put(slot);
    } else {
      this.#inventory.report('reset', failure.error);
      this.#inventory.end(slot, 'reset');
    }
    this.#admission.release();
  }
}
