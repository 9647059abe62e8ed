import { abortable, deadlineSignal, TimeoutError } from '@perf/core';
import type { AcquireOptions } from '../admission/acquire-options.ts';
import type { Admission } from '../admission/admission.ts';
import { PoolAcquireTimeoutError, PoolHealthCheckError } from '../errors.ts';
import { boundedHook, isThenable } from './bounded-hook.ts';
import type { Inventory } from './inventory.ts';
import type { ObjectPoolSettings } from './options.ts';
import type { Slot } from './slot.ts';

/** A new one is fit for so long, in milliseconds: its creation was a check, and none may follow another without end. */
const NEW_IS_FIT = 1000;

/** Checks before use: only of what lay unused for a while, since a check may cost as much as the use. */
export class Fitness<T> {
  readonly #settings: ObjectPoolSettings<T>;
  readonly #admission: Admission<Slot<T>>;
  readonly #inventory: Inventory<T>;

  constructor(
    settings: ObjectPoolSettings<T>,
    admission: Admission<Slot<T>>,
    inventory: Inventory<T>,
  ) {
    this.#settings = settings;
    this.#admission = admission;
    this.#inventory = inventory;
  }

  /** A slot that may be used at once: the given one, or the next that is. `undefined` when there is none that can be told so now. */
  fitNow(slot: Slot<T>): Slot<T> | undefined {
    for (let next: Slot<T> | undefined = slot; next !== undefined;) {
      const verdict = this.#check(next);
      if (verdict === true) return next;
      if (verdict === false) {
        this.#inventory.end(next, 'invalid');
        this.#admission.release();
      } else void this.#settle(next, verdict);
      next = this.#admission.tryAcquire();
    }
    return undefined;
  }

  /** The given slot, or another if it is not fit, within the time of the call. */
  async fit(slot: Slot<T>, since: number, options: AcquireOptions): Promise<Slot<T>> {
    const due = this.#admission.dueOf(options, since);
    for (let next = slot; ;) {
      const verdict = this.#check(next);
      if (verdict === true) return next;
      if (verdict !== false && (await this.#await(next, verdict, since, due, options.signal))) {
        return next;
      }
      this.#inventory.end(next, 'invalid');
      next = await this.#admission.exchange(since, due, options.signal);
    }
  }

  /** Waits for the verdict no longer than the caller does; the check itself goes on. @returns whether it is fit */
  async #await(
    slot: Slot<T>,
    verdict: Promise<boolean>,
    since: number,
    due: number,
    signal: AbortSignal | undefined,
  ): Promise<boolean> {
    const { clock, name } = this.#settings;
    const left = Math.max(0, due - clock.now());
    const bound = deadlineSignal(clock, `a check of the pool "${name}"`, left, signal);
    try {
      return await abortable(verdict, bound.signal);
    } catch (error) {
      void this.#settle(slot, verdict);
      if (!(error instanceof TimeoutError) || signal?.aborted === true) {
        this.#admission.aborted++;
        throw error;
      }
      this.#admission.timeouts++;
      throw new PoolAcquireTimeoutError(this.#admission.situation, clock.now() - since);
    } finally {
      bound.release();
    }
  }

  async #settle(slot: Slot<T>, verdict: Promise<boolean>): Promise<void> {
    if (await verdict) this.#inventory.put(slot);
    else this.#inventory.end(slot, 'invalid');
    this.#admission.release();
  }

  /** The promise never rejects. */
  #check({ value, idleSince, isNew }: Slot<T>): boolean | Promise<boolean> {
    const { clock, validate, validateAfterIdle, hookTimeout, name } = this.#settings;
    const due = isNew ? Math.max(validateAfterIdle, NEW_IS_FIT) : validateAfterIdle;
    if (validate === undefined || clock.now() - idleSince < due) return true;
    try {
      const result = validate(value);
      if (!isThenable(result)) return result;
      return boundedHook(clock, `a check of the pool "${name}"`, hookTimeout, result).catch(
        (error: unknown) => this.#failed(error),
      );
    } catch (error) {
      return this.#failed(error);
    }
  }

  #failed(cause: unknown): false {
    this.#inventory.report('validate', new PoolHealthCheckError(this.#settings.name, { cause }));
    return false;
  }
}
