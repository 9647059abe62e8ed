import { abortable, createDeferred, Lifecycle, PerfError, sleep, type Clock } from '@perf/core';
import { StoreUnavailableError, type StoreCall } from '@perf/cache-core';
import { StoreEvents } from '../events.ts';
import type { SqliteSettings } from '../sqlite-store-options.ts';
import { loadDriver, type SqliteDriver } from '../database/driver.ts';
import { failureOf } from '../database/failure.ts';
import { setAside } from '../database/file.ts';
import { openSession } from './open-session.ts';
import type { Eviction, Session } from './session.ts';
import { StepQueue, type WaitingStep } from './step-queue.ts';

/** How often opening is tried when another process is at it, and the pause in between. */
const OPENING_TURNS = 10;
const OPENING_PAUSE = 10;
/** How often one call goes on with a file that was put in place of a damaged or moved one. */
const FRESH_STARTS = 2;
/** A file that could not be written is opened anew after this many milliseconds. */
const READ_ONLY_FOR = 5000;

/**
 * Keeps one session open, and runs steps on it in the order in which they were asked for. A lock that
 * another process holds is waited for between turns of the event loop. What cannot be gone on with is
 * replaced: a damaged file is set aside, a moved one is let go.
 */
export class Access {
  readonly events: StoreEvents;
  readonly #settings: SqliteSettings;
  readonly #clock: Clock;
  readonly #lifecycle: Lifecycle;
  readonly #queue: StepQueue;
  readonly #onOpen: () => void;
  #driver: SqliteDriver | undefined;
  #session: Session | undefined;
  #openedAt = 0;
  #opening: Promise<void> | undefined;

  /** @param onOpen is called whenever a file was opened */
  constructor(
    settings: SqliteSettings,
    clock: Clock,
    driver: SqliteDriver | undefined,
    onOpen: () => void,
  ) {
    this.#settings = settings;
    this.events = new StoreEvents(settings.name);
    this.#clock = clock;
    this.#queue = new StepQueue(clock, () => {
      if (this.#session !== undefined) this.#runWaiting(this.#session);
    });
    this.#driver = driver;
    this.#onOpen = onOpen;
    this.#lifecycle = new Lifecycle(`store "${settings.name}"`, () => this.#release());
  }

  get isOpen(): boolean {
    return this.#lifecycle.isOpen;
  }

  /** The open session, if there is one at the moment. */
  get session(): Session | undefined {
    return this.#session;
  }

  close(): Promise<void> {
    return this.#lifecycle.close();
  }

  /**
   * What the step returns. It runs at once when the file is open and no lock is in the way, else once
   * that is so, unless the call's signal aborts before.
   */
  run<T>(operation: string, call: StoreCall, step: (session: Session) => T): Promise<T> {
    const session = this.#session;
    if (session === undefined || !this.#queue.isEmpty || call.signal.aborted) {
      return this.#runLater(operation, call, step);
    }
    try {
      return Promise.resolve(step(session));
    } catch (error) {
      return this.#mayWait(error) || this.#recover(operation, error, session)
        ? this.#runLater(operation, call, step)
        : Promise.reject(this.#describe(operation, error));
    }
  }

  /** Runs a step of maintenance, if the file is open for writing; what it throws becomes an event. */
  maintain<T>(operation: string, step: (session: Session) => T): T | undefined {
    const session = this.#session;
    if (session === undefined || session.db.readonly) return undefined;
    try {
      session.assertInPlace();
      return step(session);
    } catch (error) {
      // Another time then: maintenance waits for nobody.
      if (failureOf(error) === 'busy') return undefined;
      if (!this.#recover(operation, error, session)) {
        this.events.emit('trouble', { operation, error: toError(error) });
      }
      return undefined;
    }
  }

  async #runLater<T>(
    operation: string,
    { signal }: StoreCall,
    step: (session: Session) => T,
  ): Promise<T> {
    this.#lifecycle.assertOpen();
    signal.throwIfAborted();
    if (this.#queue.isFull)
      throw this.#describe(operation, new Error('too many calls wait already'));
    const { promise, resolve, reject } = createDeferred<T>();
    let freshStarts = FRESH_STARTS;
    // Opening has a time of its own.
    let givenUpAt = this.#session === undefined ? undefined : this.#nextGivingUp();
    const waiting: WaitingStep = {
      run: (session) => {
        // Who gave up was told that nothing is applied.
        if (signal.aborted) return true;
        if (this.#session !== session) return false;
        try {
          resolve(step(session));
        } catch (error) {
          if (this.#mayWait(error)) {
            givenUpAt ??= this.#nextGivingUp();
            if (this.#clock.now() < givenUpAt) return false;
          }
          if (this.#recover(operation, error, session) && freshStarts-- > 0) return false;
          reject(this.#describe(operation, error));
        }
        return true;
      },
      fail: (error) => {
        reject(this.#describe(operation, error));
      },
      settled: promise.catch(() => undefined),
    };
    this.#queue.add(waiting);
    this.#goOn();
    try {
      return await abortable(promise, signal);
    } finally {
      this.#queue.remove(waiting);
    }
  }

  #mayWait(error: unknown): boolean {
    return this.#settings.lockTimeout > 0 && failureOf(error) === 'busy';
  }

  #nextGivingUp(): number {
    return this.#clock.now() + this.#settings.lockTimeout;
  }

  #open(): void {
    this.#opening ??= this.#openFile().then(
      (session) => {
        this.#opening = undefined;
        this.#adopt(session);
      },
      (error: unknown) => {
        this.#opening = undefined;
        this.#queue.failAll(error);
      },
    );
  }

  #adopt(session: Session): void {
    this.#session = session;
    this.#openedAt = this.#clock.now();
    if (this.#lifecycle.isOpen) this.#onOpen();
    this.#runWaiting(session);
  }

  /** Runs what waited, in order and before anything that comes later. */
  #runWaiting(session: Session): void {
    this.#queue.run(session);
    if (!this.#queue.isEmpty) this.#goOn();
  }

  /** Somebody waits: for a session, or for the lock. */
  #goOn(): void {
    if (this.#session === undefined) this.#open();
    else this.#queue.lookAgain();
  }

  async #release(): Promise<void> {
    // What was asked for before is still done; opening ends early if it has to wait.
    while (this.#opening !== undefined || !this.#queue.isEmpty) {
      await (this.#opening ?? this.#queue.settled());
    }
    this.#queue.stopLooking();
    this.maintain('close', (session) => {
      if (session.entries.recency.pending === 0) return;
      session.write(() => {
        session.entries.recency.flush(Infinity);
      });
    });
    this.#session?.close();
    this.#session = undefined;
  }

  async #openFile(): Promise<Session> {
    this.#driver ??= await loadDriver();
    let freshStarts = FRESH_STARTS;
    for (let turn = 1; ; turn++) {
      try {
        return openSession(this.#driver, this.#settings, this.#clock, this.#onEvict);
      } catch (error) {
        const failure = failureOf(error);
        if (failure === 'corrupt' && freshStarts-- > 0) this.#setAside(error);
        else if (turn === OPENING_TURNS) throw error;
        else if (failure === 'busy')
          await sleep(this.#clock, OPENING_PAUSE, this.#lifecycle.signal);
        else if (failure !== 'moved') throw error;
      }
    }
  }

  readonly #onEvict = ({ entries, bytes }: Eviction): void => {
    this.events.emit('evict', { entries, bytes, reason: 'bound' });
  };

  /** Prepares for going on. True when the step, of which nothing was applied, can be run again. */
  #recover(operation: string, error: unknown, session: Session): boolean {
    switch (failureOf(error)) {
      case 'corrupt': {
        return this.#session !== session || this.#replace(session, error);
      }
      case 'moved': {
        if (this.#session === session) {
          this.#drop(session);
          this.events.emit('replaced', { path: this.#settings.path });
        }
        return true;
      }
      case 'busy': {
        this.events.emit('busy', { operation });
        return false;
      }
      case 'read-only': {
        // Perhaps it can be written again when it is opened next.
        if (this.#clock.now() - this.#openedAt >= READ_ONLY_FOR) this.#drop(session);
        return false;
      }
      case 'io': {
        this.#drop(session);
        return false;
      }
      default: {
        return false;
      }
    }
  }

  #drop(session: Session): void {
    if (this.#session === session) this.#session = undefined;
    session.close();
  }

  /** Whether the damaged file is out of the way. */
  #replace(session: Session, error: unknown): boolean {
    this.#session = undefined;
    try {
      // While it is open: who closes a file that lies elsewhere by now leaves the new one's log alone.
      if (session.isInPlace) this.#setAside(error);
      return true;
    } catch {
      // Some systems rename no open file.
    } finally {
      session.close();
    }
    try {
      this.#setAside(error);
      return true;
    } catch (cause) {
      this.events.emit('trouble', {
        operation: 'setting a damaged file aside',
        error: toError(cause),
      });
      return false;
    }
  }

  #setAside(error: unknown): void {
    const movedTo = setAside(this.#settings.path, this.#clock.epoch());
    this.events.emit('corrupt', { movedTo, error: toError(error) });
  }

  #describe(operation: string, error: unknown): unknown {
    return error instanceof PerfError
      ? error
      : new StoreUnavailableError(this.#settings.name, operation, { cause: error });
  }
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
