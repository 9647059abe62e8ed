import type { CallGate, StoreCallRecord } from './held-calls.ts';

/** A call that has not been passed on. */
export interface WaitingCall {
  readonly record: StoreCallRecord;
  readonly gates: readonly CallGate[];
  start(): void;
  /** Whether its caller does not wait for it any more. */
  isGivenUp(): boolean;
  /** Ends it without having been passed on. */
  drop(): void;
}

/**
 * The calls that are held before they are applied, and those that must wait behind them because the
 * operations on one key take effect in call order.
 */
export class CallLine {
  #waiting: WaitingCall[] = [];

  /** Whether a call that comes now has to wait for an earlier one. */
  blocks(record: StoreCallRecord): boolean {
    return this.#waiting.some((earlier) => isBefore(earlier, record));
  }

  has(call: WaitingCall): boolean {
    return this.#waiting.includes(call);
  }

  /** Those whose callers do not wait for them any more. */
  givenUp(): readonly WaitingCall[] {
    return this.#waiting.filter((call) => call.isGivenUp());
  }

  add(call: WaitingCall): void {
    this.#waiting = [...this.#waiting, call];
  }

  remove(call: WaitingCall): void {
    this.#waiting = this.#waiting.filter((one) => one !== call);
  }

  /** Starts, in call order, what nothing holds any more. */
  advance(): void {
    for (const call of this.#waiting) {
      const before = this.#waiting.slice(0, this.#waiting.indexOf(call));
      if (
        this.has(call) &&
        call.gates.every((gate) => gate.isOpen) &&
        !before.some((earlier) => isBefore(earlier, call.record))
      ) {
        this.remove(call);
        call.start();
      }
    }
  }
}

/** Whether the order of the two matters and the earlier one keeps its place. */
function isBefore(earlier: WaitingCall, record: StoreCallRecord): boolean {
  if (earlier.gates.some((gate) => gate.overtaken)) return false;
  if (isForAll(earlier.record) || isForAll(record)) return true;
  return earlier.record.keys.some((key) => record.keys.includes(key));
}

function isForAll({ operation }: StoreCallRecord): boolean {
  return operation === 'clear';
}
