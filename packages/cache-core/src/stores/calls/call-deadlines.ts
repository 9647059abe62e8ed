import { afterArrivals, TimeoutError, type Clock, type Timer } from '@perf/core';

/** One call's time. */
export class CallDeadline {
  /** Monotonic milliseconds. */
  readonly at: number;
  /** Whether the call is to be given up. */
  isOver = false;
  #reason: unknown;
  #controller: AbortController | undefined;
  readonly #end: (deadline: CallDeadline) => void;
  readonly #onOver: (reason: unknown) => void;

  constructor(
    at: number,
    onOver: (reason: unknown) => void,
    end: (deadline: CallDeadline) => void,
  ) {
    this.at = at;
    this.#onOver = onOver;
    this.#end = end;
  }

  /** Aborts when the call is to be given up. Made when it is asked for: most calls end without anybody asking. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.isOver) this.#controller.abort(this.#reason);
    }
    return this.#controller.signal;
  }

  /** The call has ended: nothing more happens to its signal. Idempotent. */
  end(): void {
    this.#end(this);
  }

  /** The call is to be given up. */
  pass(reason: unknown): void {
    this.#end(this);
    this.isOver = true;
    this.#reason = reason;
    this.#controller?.abort(reason);
    this.#onOver(reason);
  }
}

/**
 * The deadlines of calls that all have the same time, behind one timer. It keeps the process alive while
 * there are any, since somebody waits for what the calls bring. When the event loop has stood still, what arrived in
 * the meantime is read before any passes.
 */
export class CallDeadlines {
  readonly #clock: Clock;
  readonly #what: string;
  readonly #timeout: number;
  /** In the order of their times. */
  readonly #line = new Set<CallDeadline>();
  #timer: Timer | undefined;
  /** While what has arrived before a late timer is read. */
  #cancelPass: (() => void) | undefined;

  /** @param what completes the error's message: "`what` took longer than `timeout` ms" */
  constructor(clock: Clock, what: string, timeout: number) {
    this.#clock = clock;
    this.#what = what;
    this.#timeout = timeout;
  }

  /**
   * A call begins now.
   * @param onOver told why, when it is to be given up: the reason of `parent` if that aborts first
   */
  open(onOver: (reason: unknown) => void, parent?: AbortSignal): CallDeadline {
    const at = this.#clock.now() + this.#timeout;
    const onAbort =
      parent === undefined
        ? undefined
        : (): void => {
            deadline.pass(parent.reason);
          };
    const deadline = new CallDeadline(
      at,
      onOver,
      onAbort === undefined
        ? this.#end
        : (one) => {
            parent?.removeEventListener('abort', onAbort);
            this.#end(one);
          },
    );
    if (onAbort !== undefined) parent?.addEventListener('abort', onAbort, { once: true });
    this.#line.add(deadline);
    if (this.#timer === undefined) this.#watch(this.#timeout);
    return deadline;
  }

  readonly #end = (deadline: CallDeadline): void => {
    if (!this.#line.delete(deadline) || this.#line.size > 0) return;
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#cancelPass?.();
  };

  #watch(delay: number): void {
    this.#timer = this.#clock.setTimer(this.#onTimer, delay, { keepAlive: true });
  }

  readonly #onTimer = (): void => {
    this.#timer = undefined;
    const [first] = this.#line;
    if (first !== undefined) this.#cancelPass = afterArrivals(this.#clock, first.at, this.#pass);
  };

  readonly #pass = (): void => {
    const now = this.#clock.now();
    for (const deadline of this.#line) {
      // Timers run up to a millisecond early.
      if (deadline.at - now >= 1) break;
      deadline.pass(new TimeoutError(this.#what, this.#timeout));
    }
    const [first] = this.#line;
    if (first !== undefined && this.#timer === undefined) this.#watch(first.at - now);
  };
}
