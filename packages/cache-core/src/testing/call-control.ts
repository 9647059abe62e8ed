import { checkKnown, createDeferred } from '@perf/core';
import type { StoreCall } from '../contracts/cache-store.ts';
import { CallLine, type WaitingCall } from './call-line.ts';
import {
  CallGate,
  concerns,
  type Hold,
  type HoldOptions,
  type StoreCallRecord,
  type StoreOperation,
} from './held-calls.ts';

/** Options of `ControllableStore.fail` and `ControllableStore.unknown`. */
export interface FaultOptions {
  /** Only calls that concern this key. @default every key */
  readonly key?: string;
  /** How many calls. @default 1 */
  readonly times?: number;
  /** Whether the call takes effect although the answer does not say so. @default false */
  readonly applied?: boolean;
}

interface Fault {
  readonly operation: StoreOperation | undefined;
  readonly key: string | undefined;
  readonly applied: boolean;
  /** `undefined`: the answer is `'unknown'`. */
  readonly error: { readonly value: unknown } | undefined;
  left: number;
}

/** One call on its way to the store inside. */
export interface Passage<T> {
  readonly operation: StoreOperation;
  readonly keys?: readonly string[];
  readonly args: readonly unknown[];
  readonly call: StoreCall;
  readonly apply: (call: StoreCall) => Promise<T>;
  /** The answer of a write whose outcome is not known, where the operation has one. */
  readonly unknown?: () => T;
}

/** Decides what becomes of each call of a controllable store, and writes it down. */
export class CallControl {
  readonly #line = new CallLine();
  #records: StoreCallRecord[] = [];
  #gates: CallGate[] = [];
  #faults: Fault[] = [];
  #number = 0;

  get records(): readonly StoreCallRecord[] {
    return this.#records;
  }

  forgetRecords(): void {
    this.#records = [];
  }

  hold(options: HoldOptions): Hold {
    const gate = new CallGate(options, (released) => {
      this.#gates = this.#gates.filter((one) => one !== released);
      this.#line.advance();
    });
    this.#gates.push(gate);
    return gate;
  }

  addFault(
    operation: StoreOperation | undefined,
    error: Fault['error'],
    options: FaultOptions,
  ): void {
    checkKnown('fault', options, ['key', 'times', 'applied']);
    const { key, times = 1, applied = false } = options;
    this.#faults.push({ operation, key, applied, error, left: times });
  }

  removeFaults(): void {
    this.#faults = [];
  }

  /** Lets calls that were given up, and are held all the same, never be applied. */
  dropGivenUp(): void {
    for (const call of this.#line.givenUp()) {
      this.#line.remove(call);
      for (const gate of call.gates) gate.leave();
      call.drop();
    }
    this.#line.advance();
  }

  /** Passes the call on, in this turn if nothing holds it. */
  pass<T>(passage: Passage<T>): Promise<T> {
    const record = this.#record(passage);
    const fault = this.#takeFault(record);
    const gates = this.#gates.filter((gate) => gate.claims(record));
    const held = gates.filter(({ when }) => when === 'before');
    const after = gates.filter(({ when }) => when === 'after');
    const reply = createDeferred<T>();
    const waiting: WaitingCall = {
      record,
      gates: held,
      isGivenUp: () => record.answered || passage.call.signal.aborted,
      drop: () => {
        reply.reject(passage.call.signal.reason);
      },
      start: () => {
        for (const gate of held) gate.leave();
        const isLate = held.length > 0 && passage.call.signal.aborted;
        this.#carryOut(
          isLate ? { ...passage, call: { ...passage.call, ...endless() } } : passage,
          record,
          fault,
          after,
        ).then(reply.resolve, reply.reject);
      },
    };
    const forget = this.#watch(passage, waiting, gates, reply);
    if (held.length === 0 && !this.#line.blocks(record)) waiting.start();
    else {
      this.#line.add(waiting);
      for (const gate of held) gate.enter();
    }
    return reply.promise.finally(() => {
      record.answered = true;
      forget();
    });
  }

  #record({ operation, keys = [], args }: Passage<unknown>): StoreCallRecord {
    this.#number++;
    const record = {
      number: this.#number,
      operation,
      keys,
      args,
      applied: false,
      answered: false,
    };
    this.#records.push(record);
    return record;
  }

  #takeFault(record: StoreCallRecord): Fault | undefined {
    const fault = this.#faults.find((one) => concerns(one, record));
    if (fault === undefined) return undefined;
    fault.left--;
    if (fault.left <= 0) this.#faults = this.#faults.filter((one) => one !== fault);
    return fault;
  }

  async #carryOut<T>(
    passage: Passage<T>,
    record: StoreCallRecord,
    fault: Fault | undefined,
    after: readonly CallGate[],
  ): Promise<T> {
    try {
      return await outcomeOf(passage, record, fault);
    } finally {
      for (const gate of after) gate.enter();
      await Promise.all(after.map((gate) => gate.passed()));
      for (const gate of after) gate.leave();
    }
  }

  /** Answers a held call whose signal aborts as its hold says. */
  #watch<T>(
    { call, unknown }: Passage<T>,
    waiting: WaitingCall,
    gates: readonly CallGate[],
    { resolve, reject }: ReturnType<typeof createDeferred<T>>,
  ): () => void {
    const { signal } = call;
    const [{ onAbort: policy } = { onAbort: 'drop' }] = gates;
    if (policy === 'ignore') return nothing;
    const onAbort = (): void => {
      if (this.#line.has(waiting) && policy === 'drop') {
        this.#line.remove(waiting);
        for (const gate of waiting.gates) gate.leave();
        reject(signal.reason);
        this.#line.advance();
      } else if (this.#line.has(waiting) || gates.some(({ when }) => when === 'after')) {
        if (unknown === undefined) reject(signal.reason);
        else resolve(unknown());
      }
      // Otherwise the store inside has the signal and answers.
    };
    if (signal.aborted) queueMicrotask(onAbort);
    else signal.addEventListener('abort', onAbort, { once: true });
    return () => {
      signal.removeEventListener('abort', onAbort);
    };
  }
}

async function outcomeOf<T>(
  { operation, call, apply, unknown }: Passage<T>,
  record: StoreCallRecord,
  fault: Fault | undefined,
): Promise<T> {
  let value: T | undefined;
  if (fault === undefined || fault.applied) {
    record.applied = true;
    value = await apply(call);
    if (fault === undefined) return value;
  }
  if (fault.error !== undefined) throw fault.error.value;
  if (unknown === undefined) throw new TypeError(`${operation} cannot answer 'unknown'`);
  return unknown();
}

/** A call that nobody gives up. */
export function endless(): StoreCall {
  return { signal: new AbortController().signal };
}

function nothing(): void {}
