import { PoolDoubleReleaseError } from '../errors.ts';
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

/**
 * A {@link Lease} of one slot, for one turn: a new one each time, so that an old one cannot give back what is somebody else's. It holds
 * two fields and nothing refers to it, so it costs next to nothing, and nothing at all where the compiler sees its whole life.
 */
export class SlotLease<T> implements Lease<T> {
  readonly #slot: Slot<T>;
  readonly #turn: number;

  /** Begins a turn. @param slot one that nobody has */
  constructor(slot: Slot<T>) {
    this.#slot = slot;
    this.#turn = ++slot.turn;
  }

  get value(): T {
    const slot = this.#slot;
    if (slot.turn !== this.#turn) throw new PoolDoubleReleaseError(slot.host.name);
    return slot.value;
  }

  release(): void {
    if (this.#slot.turn === this.#turn) void this.#slot.giveBack(true);
    else this.#refuse();
  }

  discard(): void {
    if (this.#slot.turn === this.#turn) void this.#slot.giveBack(false);
    else this.#refuse();
  }

  [Symbol.dispose](): void {
    if (this.#slot.turn === this.#turn) void this.#slot.giveBack(true);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#slot.turn === this.#turn) await this.#slot.giveBack(true);
  }

  /** Giving back what was taken away by force is no mistake. */
  #refuse(): void {
    const { turn, isRevoked, host } = this.#slot;
    if (!isRevoked || turn !== this.#turn + 1) throw new PoolDoubleReleaseError(host.name);
  }
}
