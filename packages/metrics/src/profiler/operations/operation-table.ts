import { OVERFLOW_VALUE } from '../../series/labels.ts';
import type { OperationStats } from '../profile.ts';
import { OperationRecord } from './operation-record.ts';

/** Names that are longer are counted with those that found no room: they would be kept, and nobody reads them. */
const LONGEST_NAME = 256;

/** Operations by component and name, so many at most; all further ones share a record. */
export class OperationTable {
  readonly #max: number;
  readonly #onOverflow: (component: string, operation: string) => void;
  readonly #components = new Map<string, Map<string, OperationRecord>>();
  #size = 0;
  #overflow: OperationRecord | undefined;

  /** @param onOverflow is told of the first one that finds no room */
  constructor(max: number, onOverflow: (component: string, operation: string) => void) {
    this.#max = max;
    this.#onOverflow = onOverflow;
  }

  get(component: string, operation: string, now: number): OperationRecord {
    return (
      this.#components.get(component)?.get(operation) ?? this.#create(component, operation, now)
    );
  }

  /** The one that has taken the most time comes first. */
  read(now: number): readonly OperationStats[] {
    const records = [...this.#components.values()].flatMap((operations) => [
      ...operations.values(),
    ]);
    if (this.#overflow !== undefined) records.push(this.#overflow);
    return records.map((record) => record.read(now)).toSorted((a, b) => b.totalMs - a.totalMs);
  }

  #create(component: string, operation: string, now: number): OperationRecord {
    const isShort = component.length <= LONGEST_NAME && operation.length <= LONGEST_NAME;
    if (!isShort || this.#size >= this.#max) return this.#overflowed(component, operation, now);
    let operations = this.#components.get(component);
    if (operations === undefined) {
      operations = new Map();
      this.#components.set(component, operations);
    }
    const record = new OperationRecord(component, operation, now);
    operations.set(operation, record);
    this.#size++;
    return record;
  }

  #overflowed(component: string, operation: string, now: number): OperationRecord {
    if (this.#overflow === undefined) {
      this.#overflow = new OperationRecord(OVERFLOW_VALUE, OVERFLOW_VALUE, now);
      this.#onOverflow(component, operation);
    }
    return this.#overflow;
  }
}
