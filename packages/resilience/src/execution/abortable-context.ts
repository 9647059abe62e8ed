import { CallContext, type AbortListener } from './call-context.ts';

/** The context of a function that its policy may abort, as a timeout and a hedge do. */
export class AbortableContext extends CallContext {
  readonly #outer: CallContext;
  #controller: AbortController | undefined;
  #listeners: Set<AbortListener> | undefined;
  /** Listens to the outer context, from when somebody could notice until the call is over. */
  #chain: AbortListener | undefined;
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
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.aborted) this.#controller.abort(this.reason);
      else this.#listen();
    }
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

  override addAbortListener(listener: AbortListener): void {
    this.#listeners ??= new Set();
    this.#listeners.add(listener);
    this.#listen();
  }

  override removeAbortListener(listener: AbortListener): void {
    this.#listeners?.delete(listener);
  }

  /** Aborts the signal, or what it will be when it is read. Nothing more happens when it is aborted already. */
  abort(reason: unknown): void {
    if (this.#isAborted) return;
    this.#isAborted = true;
    this.#why = reason;
    this.release();
    this.#controller?.abort(reason);
    const listeners = this.#listeners;
    this.#listeners = undefined;
    for (const listener of listeners ?? []) listener.handleEvent();
  }

  /** The call is over: whoever was to be told by the outer context is not any more. Idempotent. */
  release(): void {
    this.#isReleased = true;
    if (this.#chain === undefined) return;
    this.#outer.removeAbortListener(this.#chain);
    this.#chain = undefined;
  }

  #listen(): void {
    if (this.#chain !== undefined || this.#isReleased) return;
    this.#chain = {
      handleEvent: () => {
        this.abort(this.#outer.reason);
      },
    };
    this.#outer.addAbortListener(this.#chain);
  }
}
