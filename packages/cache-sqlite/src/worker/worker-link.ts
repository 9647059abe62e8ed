import { Worker } from 'node:worker_threads';
import { createDeferred, Lifecycle, sleep, systemClock, type Deferred } from '@perf/core';
import { StoreUnavailableError, type StoreCall } from '@perf/cache-core';
import { StoreEvents, type SqliteStoreEvents } from '../events.ts';
import type { SqliteSettings } from '../sqlite-store-options.ts';
import { causeOf, failureFromMessage } from './failure-message.ts';
import {
  SLOT,
  SLOTS,
  type Arguments,
  type EventMessage,
  type Method,
  type Reply,
  type Request,
  type Result,
  type WorkerSetup,
} from './protocol.ts';

/** What the thread runs. */
export interface WorkerProgram {
  readonly url: URL;
}

/** How a call that stores something differs. */
export interface SendOptions<Value> {
  /** Buffers that are handed over. */
  readonly transfer?: readonly ArrayBuffer[];
  /** What the call resolves to when its deadline passes while the worker is at it. */
  readonly unknown?: () => Value;
}

interface Pending {
  readonly method: Method;
  readonly slot: number;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** One running thread. */
interface Thread {
  readonly worker: Worker;
  readonly slots: Int32Array;
  readonly free: number[];
  readonly pending: Map<number, Pending>;
  /** Resolves when it takes calls. */
  readonly started: Deferred<void>;
  isStarted: boolean;
}

/** How long closing waits for the worker before it is stopped, in milliseconds. */
const CLOSING = 5000;

/**
 * Sends calls to a worker thread. It is started at once, so that the first call does not spend its time
 * on that, and again at the next call after a crash.
 */
export class WorkerLink {
  readonly events: StoreEvents;
  readonly #settings: SqliteSettings;
  readonly #program: WorkerProgram;
  readonly #lifecycle: Lifecycle;
  #thread: Thread | undefined;
  #lastId = 0;

  constructor(settings: SqliteSettings, program: WorkerProgram) {
    this.#settings = settings;
    this.#program = program;
    this.events = new StoreEvents(settings.name);
    this.#lifecycle = new Lifecycle(`store "${settings.name}"`, () => this.#release());
    this.#thread = this.#start();
  }

  /** `undefined` when there is a thread that takes calls; else one is started, and this settles with that. */
  starting(): Promise<void> | undefined {
    // Calls tell that it is closed.
    if (!this.#lifecycle.isOpen) return undefined;
    const thread = (this.#thread ??= this.#start());
    return thread.isStarted ? undefined : thread.started.promise;
  }

  /**
   * What the worker answers. Rejects with the signal's reason when that aborts; a call that the worker
   * had not begun by then is never applied.
   */
  async call<Name extends Method>(
    method: Name,
    args: Arguments<Name>,
    { signal }: StoreCall,
    { transfer = [], unknown }: SendOptions<Result<Name>> = {},
  ): Promise<Result<Name>> {
    this.#lifecycle.assertOpen();
    signal.throwIfAborted();
    const thread = (this.#thread ??= this.#start());
    const slot = thread.free.pop();
    if (slot === undefined) throw this.#failure(method, `${SLOTS} calls are under way`);

    const { promise, resolve, reject } = createDeferred<unknown>();
    const onAbort = (): void => {
      const state = Atomics.compareExchange(thread.slots, slot, SLOT.waiting, SLOT.cancelled);
      if (state === SLOT.waiting || unknown === undefined) reject(signal.reason);
      else resolve(unknown());
    };
    const id = ++this.#lastId;
    Atomics.store(thread.slots, slot, SLOT.waiting);
    // A call under way keeps the process alive, as any request does; an idle thread does not.
    if (thread.pending.size === 0) thread.worker.ref();
    thread.pending.set(id, { method, slot, resolve, reject });
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      const request: Request = { kind: 'call', id, slot, method, args };
      thread.worker.postMessage(request, transfer);
      return (await promise) as Result<Name>;
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  close(): Promise<void> {
    return this.#lifecycle.close();
  }

  #start(): Thread {
    const buffer = new SharedArrayBuffer(SLOTS * Int32Array.BYTES_PER_ELEMENT);
    const setup: WorkerSetup = { settings: this.#settings, slots: buffer };
    const worker = new Worker(this.#program.url, { workerData: setup, name: 'perf-sqlite' });
    const thread: Thread = {
      worker,
      slots: new Int32Array(buffer),
      free: Array.from({ length: SLOTS }, (_, index) => SLOTS - 1 - index),
      pending: new Map(),
      started: createDeferred(),
      isStarted: false,
    };
    // Perhaps nobody waits.
    thread.started.promise.catch(() => undefined);
    worker.unref();
    worker.on('message', (reply: Reply) => {
      this.#receive(thread, reply);
    });
    worker.on('messageerror', (error) => {
      this.#lose(thread, error);
      void worker.terminate();
    });
    worker.on('error', (error) => {
      this.#lose(thread, error);
    });
    worker.on('exit', (code) => {
      this.#lose(thread, new Error(`the worker thread ended with code ${code}`));
    });
    return thread;
  }

  #receive(thread: Thread, reply: Reply): void {
    if (reply.kind === 'event') {
      this.#forward(reply);
      return;
    }
    if (reply.kind === 'ready') {
      thread.isStarted = true;
      thread.started.resolve();
      return;
    }
    const pending = thread.pending.get(reply.id);
    if (pending === undefined) return;
    thread.pending.delete(reply.id);
    Atomics.store(thread.slots, pending.slot, SLOT.free);
    thread.free.push(pending.slot);
    // Closing waits for the thread, whatever it still answers.
    if (thread.pending.size === 0 && this.#lifecycle.isOpen) thread.worker.unref();
    if (reply.kind === 'value') pending.resolve(reply.value);
    else if (reply.kind === 'error') {
      pending.reject(failureFromMessage(this.#settings.name, pending.method, reply.error));
    }
  }

  #forward({ event, payload, error }: EventMessage): void {
    const full = error === undefined ? payload : { ...payload, error: causeOf(error) };
    this.events.emit(event, full as SqliteStoreEvents[typeof event]);
  }

  /** Rejects what is under way; the next call starts another thread. */
  #lose(thread: Thread, cause: Error): void {
    if (this.#thread === thread) this.#thread = undefined;
    thread.started.reject(new StoreUnavailableError(this.#settings.name, 'start', { cause }));
    const pending = [...thread.pending.values()];
    thread.pending.clear();
    for (const { method, reject } of pending) {
      reject(new StoreUnavailableError(this.#settings.name, method, { cause }));
    }
    if (pending.length > 0) {
      this.events.emit('trouble', { operation: 'running the worker thread', error: cause });
    }
  }

  async #release(): Promise<void> {
    const thread = this.#thread;
    if (thread === undefined) return;
    const { worker } = thread;
    const exited = createDeferred();
    worker.once('exit', () => {
      exited.resolve();
    });
    worker.ref();
    const request: Request = { kind: 'close' };
    worker.postMessage(request, []);
    const waited = new AbortController();
    await Promise.race([
      exited.promise,
      sleep(systemClock, CLOSING, waited.signal).then(() => worker.terminate()),
    ]).finally(() => {
      waited.abort();
    });
  }

  #failure(operation: string, problem: string): StoreUnavailableError {
    return new StoreUnavailableError(this.#settings.name, operation, { cause: new Error(problem) });
  }
}
