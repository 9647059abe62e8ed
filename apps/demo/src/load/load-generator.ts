import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createDeferred, type Deferred } from '@perf/core';
import type { Command, Order, Outcome, Report, Setup } from './messages.ts';

/** The load worker, seen from the demo's process. */
export class LoadGenerator implements AsyncDisposable {
  readonly #worker: ChildProcess;
  #current: { outcome: Deferred<Outcome>; onProgress: (done: number) => void } | undefined;

  constructor(setup: Omit<Setup, 'kind'>) {
    const self = fileURLToPath(import.meta.url);
    const file = fileURLToPath(new URL(`load-worker${extname(self)}`, import.meta.url));
    this.#worker = fork(file, {
      serialization: 'advanced',
      stdio: ['ignore', 2, 2, 'ipc'],
      detached: true, // Ctrl-C is for us. It ends when we close it, or are gone.
    });
    this.#worker.on('message', (report: Report) => {
      this.#take(report);
    });
    this.#worker.on('error', (error) => {
      this.#fail(error);
    });
    this.#worker.on('exit', () => {
      this.#fail(new Error('the load worker has ended'));
    });
    this.#send({ kind: 'setup', ...setup });
  }

  /**
   * Carries out one order.
   * @param signal ends the worker; the call then rejects with its reason
   */
  async run(
    order: Order,
    onProgress: (done: number) => void,
    signal: AbortSignal,
  ): Promise<Outcome> {
    signal.throwIfAborted();
    const outcome = createDeferred<Outcome>();
    this.#current = { outcome, onProgress };
    const onAbort = (): void => {
      outcome.reject(signal.reason);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      this.#send(order);
      return await outcome.promise;
    } finally {
      signal.removeEventListener('abort', onAbort);
      this.#current = undefined;
    }
  }

  /** Ends the worker at once; resolves when it has ended. Idempotent. */
  async close(): Promise<void> {
    if (this.#worker.exitCode !== null || this.#worker.signalCode !== null) return;
    const ended = once(this.#worker, 'exit');
    this.#worker.kill('SIGKILL');
    await ended;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #send(command: Command): void {
    // A failure to send is also the 'exit' that ends the order.
    if (this.#worker.connected) this.#worker.send(command, () => undefined);
    else this.#fail(new Error('the load worker has ended'));
  }

  #take(report: Report): void {
    switch (report.kind) {
      case 'progress':
        this.#current?.onProgress(report.done);
        return;
      case 'done':
        this.#current?.outcome.resolve(report);
        return;
      case 'failed':
        this.#fail(new Error(`the requests could not be sent: ${report.message}`));
    }
  }

  #fail(error: Error): void {
    this.#current?.outcome.reject(error);
  }
}
