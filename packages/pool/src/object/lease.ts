import { PoolDoubleReleaseError } from '../errors.ts';
import type { Holding } from '../leaks/leak-watch.ts';
import type { Slot } from './slot.ts';

/** The right to use one object of a pool, until it is given back. `using` gives it back at the end of its block. */
export interface Lease<T> extends Disposable, AsyncDisposable {
  /** @throws {@link PoolDoubleReleaseError} when it has been given back */
  readonly value: T;
  /** Gives it back. @throws {@link PoolDoubleReleaseError} at the second time */
  release(): void;
  /** Gives it back as unfit: it is destroyed. @throws {@link PoolDoubleReleaseError} as {@link release} */
  discard(): void;
  /** As {@link release}, but nothing happens at the second time. */
  [Symbol.dispose](): void;
  /** As that; resolves when it has been reset. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** Whoever takes back what a lease was for. */
export interface LeaseHost<T> {
  readonly name: string;
  takeBack(slot: Slot<T>, holding: Holding | undefined, isFit: boolean): Promise<void> | undefined;
}

/** A {@link Lease} of one slot; a new one each time, so that an old one cannot give back what is somebody else's. */
export class SlotLease<T> implements Lease<T> {
  readonly #host: LeaseHost<T>;
  readonly #holding: Holding | undefined;
  #slot: Slot<T> | undefined;
  /** The pool took it away by force: giving it back then is no mistake. */
  #isRevoked = false;

  constructor(host: LeaseHost<T>, slot: Slot<T>, holding: Holding | undefined) {
    this.#host = host;
    this.#slot = slot;
    this.#holding = holding;
    slot.holder = this;
    slot.isNew = false;
  }

  get value(): T {
    if (this.#slot === undefined) throw new PoolDoubleReleaseError(this.#host.name);
    return this.#slot.value;
  }

  release(): void {
    if (this.#slot !== undefined) void this.#giveBack(this.#slot, true);
    else if (!this.#isRevoked) throw new PoolDoubleReleaseError(this.#host.name);
  }

  discard(): void {
    if (this.#slot !== undefined) void this.#giveBack(this.#slot, false);
    else if (!this.#isRevoked) throw new PoolDoubleReleaseError(this.#host.name);
  }

  /** Takes it away from who has it; it is destroyed. */
  revoke(): void {
    this.#isRevoked = true;
    if (this.#slot !== undefined) void this.#giveBack(this.#slot, false);
  }

  [Symbol.dispose](): void {
    if (this.#slot !== undefined) void this.#giveBack(this.#slot, true);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#slot !== undefined) await this.#giveBack(this.#slot, true);
  }

  #giveBack(slot: Slot<T>, isFit: boolean): Promise<void> | undefined {
    this.#slot = undefined;
    slot.holder = undefined;
    return this.#host.takeBack(slot, this.#holding, isFit);
  }
}
