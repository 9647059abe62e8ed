import { setMaxListeners } from 'node:events';
import { createDeferred } from './deferred.ts';
import { ClosedError } from './errors.ts';

/** Something that holds timers, files or sockets until it is closed. */
export interface Closeable extends AsyncDisposable {
  /** Releases everything. Idempotent: later calls return the first call's promise. */
  close(): Promise<void>;
}

/** The open / closed state of a {@link Closeable}; its owner calls it, its users never see it. */
export class Lifecycle {
  readonly #resource: string;
  readonly #release: () => Promise<void>;
  readonly #controller = new AbortController();
  #closing: Promise<void> | undefined;

  /**
   * @param resource names the object in {@link ClosedError}
   * @param release runs once, at the first {@link close}
   */
  constructor(resource: string, release: () => Promise<void> | void) {
    this.#resource = resource;
    this.#release = async () => release();
    // As many listen as there are operations under way; Node warns of a leak at eleven.
    setMaxListeners(0, this.#controller.signal);
  }

  /** Aborts, with a {@link ClosedError}, when closing begins. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get isOpen(): boolean {
    return this.#closing === undefined;
  }

  /** @throws {@link ClosedError} once closing has begun */
  assertOpen(): void {
    if (this.#closing !== undefined) throw new ClosedError(this.#resource);
  }

  close(): Promise<void> {
    if (this.#closing === undefined) {
      // Set before anything runs, so that whoever is told by the signal already finds it closed.
      const { promise, resolve, reject } = createDeferred();
      this.#closing = promise;
      this.#controller.abort(new ClosedError(this.#resource));
      this.#release().then(resolve, reject);
    }
    return this.#closing;
  }
}
