import { CallContext } from './call-context.ts';

/** The context of a function that its policy may abort, as a timeout and a hedge do. */
export class AbortableContext extends CallContext {
  readonly #outer: CallContext;
  #controller: AbortController | undefined;
  #unchain: (() => void) | undefined;
  #isAborted = false;
  #isReleased = false;
  #why: unknown;

  /** @param outer the context that the policy got: when that aborts, so does this */
  constructor(
    outer: CallContext,
    deadline: number = outer.deadline,
    attempt: number = outer.attempt,
  ) {
    super(outer, deadline, outer.priority, attempt);
    this.#outer = outer;
  }

  override get signal(): AbortSignal {
    this.#controller ??= this.#chained();
    return this.#controller.signal;
  }

  override get cancellation(): AbortSignal {
    return this.signal;
  }

  override get aborted(): boolean {
    return this.#isAborted || this.#outer.aborted;
  }

  override get reason(): unknown {
    return this.#isAborted ? this.#why : this.#outer.reason;
  }

  /** Aborts the signal, or what it will be when it is read. Nothing more happens when it is aborted already. */
  abort(reason: unknown): void {
    if (this.#isAborted) return;
    this.#isAborted = true;
    this.#why = reason;
    this.release();
    this.#controller?.abort(reason);
  }

  /** The call is over: the listener on the caller's signal, if there is one, is removed. Idempotent. */
  release(): void {
    this.#isReleased = true;
    this.#unchain?.();
    this.#unchain = undefined;
  }

  #chained(): AbortController {
    const controller = new AbortController();
    if (this.aborted) {
      controller.abort(this.reason);
      return controller;
    }
    const parent = this.#outer.cancellation;
    // Read after the call is over, nobody would ever remove the listener.
    if (parent === undefined || this.#isReleased) return controller;
    const onAbort = (): void => {
      this.abort(parent.reason);
    };
    parent.addEventListener('abort', onAbort, { once: true });
    this.#unchain = () => {
      parent.removeEventListener('abort', onAbort);
    };
    return controller;
  }
}
