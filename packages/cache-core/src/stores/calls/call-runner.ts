import type { Clock, Policy } from '@perf/core';
import type { OpenNews } from '../../bus/announcer.ts';
import type { StoreCall } from '../../contracts/cache-store.ts';
import { CallDeadlines, type CallDeadline } from './call-deadlines.ts';

/** Options of a {@link CallRunner}. */
export interface CallRunnerOptions {
  readonly clock: Clock;
  /** Milliseconds that one store call may take. */
  readonly timeout: number;
  /** Replaces the built-in cool-off. */
  readonly policy: Policy | undefined;
  /** For a store that announces what it writes: the news of each call. */
  readonly news?: (() => OpenNews) | undefined;
  /** Told how long each call of a store that blocks has kept the event loop, in milliseconds. */
  readonly onBlocked: ((duration: number) => void) | undefined;
}

/** Runs the calls of one store, each within its time; a store that ignores its signal is not waited for. */
export class CallRunner {
  readonly #options: CallRunnerOptions;
  readonly #deadlines: CallDeadlines;

  constructor(options: CallRunnerOptions) {
    this.#options = options;
    this.#deadlines = new CallDeadlines(options.clock, 'the call (storeTimeout)', options.timeout);
  }

  /** Through the policy if there is one. */
  run<T>(run: (call: StoreCall) => Promise<T>): Promise<T> {
    const { policy } = this.#options;
    return policy === undefined
      ? this.runNow(run)
      : policy.execute(({ signal }) => this.runNow(run, signal));
  }

  /** @param parent ends the call as well */
  runNow<T>(run: (call: StoreCall) => Promise<T>, parent?: AbortSignal): Promise<T> {
    return new Promise((resolve, reject) => {
      parent?.throwIfAborted();
      const open = this.#options.news?.();
      const deadline = this.#deadlines.open((reason) => {
        open?.end();
        reject(reason);
      }, parent);
      const end = (): void => {
        deadline.end();
        open?.end();
      };
      let answer: Promise<T>;
      try {
        // A store that answers without a promise is waited for as well.
        answer = Promise.resolve(this.#timed(run, callOf(deadline, open)));
      } catch (error) {
        end();
        throw error;
      }
      answer.then(
        (value) => {
          end();
          resolve(value);
        },
        (error: unknown) => {
          end();
          reject(error);
        },
      );
    });
  }

  #timed<T>(run: (call: StoreCall) => Promise<T>, call: StoreCall): Promise<T> {
    const { clock, onBlocked } = this.#options;
    if (onBlocked === undefined) return run(call);
    const began = clock.now();
    const answer = run(call);
    onBlocked(clock.now() - began);
    return answer;
  }
}

/** Its signal is made when the store reads it. */
function callOf(deadline: CallDeadline, open: OpenNews | undefined): StoreCall {
  const isGivenUp = (): boolean => deadline.isOver;
  return {
    get signal() {
      return deadline.signal;
    },
    isGivenUp,
    ...(open === undefined ? {} : { news: open.news }),
  };
}
