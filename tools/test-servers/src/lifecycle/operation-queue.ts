import { ClosedError } from '@perf/core';

/** Operations that take effect in the order in which they were called, the last of which is the end. */
export class OperationQueue {
  readonly #owner: string;
  #last: Promise<void> = Promise.resolve();
  #closing: Promise<void> | undefined;

  /** @param owner as in `the redis server` */
  constructor(owner: string) {
    this.#owner = owner;
  }

  /** @throws {@link ClosedError} after {@link close}; otherwise what the operation throws */
  async run<T>(operation: () => T | Promise<T>): Promise<T> {
    if (this.#closing !== undefined) throw new ClosedError(this.#owner);
    return this.#afterLast(operation);
  }

  /** Runs the last operation, once however often it is called. */
  close(operation: () => void | Promise<void>): Promise<void> {
    this.#closing ??= this.#afterLast(operation);
    return this.#closing;
  }

  #afterLast<T>(operation: () => T | Promise<T>): Promise<T> {
    const done = this.#last.then(operation);
    // A failed operation is its caller's to handle; the next one runs all the same.
    this.#last = done.then(ignore, ignore);
    return done;
  }
}

function ignore(): void {}
