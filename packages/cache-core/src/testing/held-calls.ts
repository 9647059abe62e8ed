import { checkKnown, createDeferred, type Deferred } from '@perf/core';

/** A method of a store or of its fencing. */
export type StoreOperation =
  | 'getMany'
  | 'setMany'
  | 'deleteMany'
  | 'touchMany'
  | 'keys'
  | 'clearExpired'
  | 'clear'
  | 'health'
  | 'sever'
  | 'close'
  | 'ticketMany'
  | 'renewMany'
  | 'releaseMany'
  | 'fillMany'
  | 'begin'
  | 'settle'
  | 'bump'
  | 'delta';

/** What happens to a held call whose signal aborts. */
export type OnAbort =
  /** It is never applied; the caller gets the signal's reason. As a store that gives up in time. */
  | 'drop'
  /**
   * The caller is told at once (`'unknown'` where the reply can say so, else the signal's reason), and
   * the call is applied at the release all the same. As a request whose bytes are still on their way.
   */
  | 'land'
  /** Nothing: the caller waits for the release. As a store that ignores its signal. */
  | 'ignore';

/** One call of a controllable store. */
export interface StoreCallRecord {
  /** Counts from 1 over all operations. */
  readonly number: number;
  readonly operation: StoreOperation;
  /** The keys concerned; none for `clearExpired`, `clear`, `keys`, `health`, `sever`, `close`, `bump` and `delta`. */
  readonly keys: readonly string[];
  /** The arguments without the call. */
  readonly args: readonly unknown[];
  /** Whether it has been passed on to the store inside. */
  applied: boolean;
  /** Whether the caller has an answer, be it an error. */
  answered: boolean;
}

/** Options of `ControllableStore.hold`. */
export interface HoldOptions {
  /** Only this operation, or these. @default every operation but `health` and `close` */
  readonly operation?: StoreOperation | readonly StoreOperation[];
  /** Only calls that concern this key. @default every key */
  readonly key?: string;
  /** Before the call is applied, or when it has been and the answer is on its way back. @default 'before' */
  readonly when?: 'before' | 'after';
  /** Lets the calls after so many pass. @default Infinity */
  readonly times?: number;
  /** @default 'drop' */
  readonly onAbort?: OnAbort;
  /**
   * Whether later calls for the same key may be applied while one is held before: what a lost
   * connection does, and what a store in order never does. @default false
   */
  readonly overtaken?: boolean;
}

/** Calls being held. */
export interface Hold {
  /** How many are held now. */
  readonly held: number;
  /** Resolves when `count` calls in all have come to be held. @param count 1 by default */
  reached(count?: number): Promise<void>;
  /** Lets go of all that are held, in call order, and holds no more. Idempotent. */
  release(): void;
}

const HOLD_OPTIONS: readonly (keyof HoldOptions)[] = [
  'operation',
  'key',
  'when',
  'times',
  'onAbort',
  'overtaken',
];

/** The state behind a {@link Hold}. */
export class CallGate implements Hold {
  readonly when: 'before' | 'after';
  readonly onAbort: OnAbort;
  readonly overtaken: boolean;
  readonly #options: HoldOptions;
  readonly #onRelease: (gate: CallGate) => void;
  readonly #released = createDeferred();
  readonly #arrivals: { readonly count: number; readonly arrived: Deferred<void> }[] = [];
  #left: number;
  #came = 0;
  #held = 0;
  #open = false;

  constructor(options: HoldOptions, onRelease: (gate: CallGate) => void) {
    checkKnown('hold', options, HOLD_OPTIONS);
    this.#options = options;
    this.when = options.when ?? 'before';
    this.onAbort = options.onAbort ?? 'drop';
    this.overtaken = options.overtaken ?? false;
    this.#left = options.times ?? Infinity;
    this.#onRelease = onRelease;
  }

  get held(): number {
    return this.#held;
  }

  get isOpen(): boolean {
    return this.#open;
  }

  /** Whether this call is one to hold; counts it then. */
  claims(record: StoreCallRecord): boolean {
    if (this.#left === 0 || !concerns(this.#options, record)) return false;
    this.#left--;
    return true;
  }

  enter(): void {
    this.#came++;
    this.#held++;
    for (const { count, arrived } of this.#arrivals) if (this.#came >= count) arrived.resolve();
  }

  leave(): void {
    this.#held--;
  }

  /** Resolves at the release. */
  passed(): Promise<void> {
    return this.#released.promise;
  }

  reached(count = 1): Promise<void> {
    const arrived = createDeferred();
    this.#arrivals.push({ count, arrived });
    if (this.#came >= count) arrived.resolve();
    return arrived.promise;
  }

  release(): void {
    if (this.#open) return;
    this.#open = true;
    this.#released.resolve();
    this.#onRelease(this);
  }
}

interface CallFilter {
  readonly operation?: HoldOptions['operation'] | undefined;
  readonly key?: string | undefined;
}

/** Whether a hold or a fault for `operation` and `key` is meant for the call. */
export function concerns({ operation, key }: CallFilter, record: StoreCallRecord): boolean {
  if (key !== undefined && !record.keys.includes(key)) return false;
  if (operation === undefined) return record.operation !== 'health' && record.operation !== 'close';
  return typeof operation === 'string'
    ? operation === record.operation
    : operation.includes(record.operation);
}
