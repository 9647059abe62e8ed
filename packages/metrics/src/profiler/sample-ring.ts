import { SAMPLE_FIELDS, type Sample, type SampleField, type Samples } from './sample.ts';

/** Room for so many samples is made at first. */
const FIRST_ROOM = 64;

/** The last samples, a column of numbers for each field; grows to its maximum by doubling. */
export class SampleRing {
  readonly #max: number;
  readonly #columns: Record<SampleField, Float64Array>;
  #room: number;
  #length = 0;
  /** Where the next one goes. */
  #next = 0;

  constructor(max: number) {
    this.#max = max;
    this.#room = Math.min(FIRST_ROOM, max);
    this.#columns = forEachField(() => new Float64Array(this.#room));
  }

  get length(): number {
    return this.#length;
  }

  add(sample: Sample): void {
    if (this.#length === this.#room && this.#room < this.#max) this.#grow();
    for (const field of SAMPLE_FIELDS) this.#columns[field][this.#next] = sample[field];
    this.#next = (this.#next + 1) % this.#room;
    this.#length = Math.min(this.#length + 1, this.#room);
  }

  /** Copies of the newest `count`. */
  read(count: number = this.#length): Samples {
    const length = Math.min(count, this.#length);
    return { length, columns: forEachField((field) => this.#copy(this.#columns[field], length)) };
  }

  /** How many samples are not older than `time`. */
  countSince(time: number): number {
    let count = 0;
    while (count < this.#length && this.#timeOf(count) >= time) count++;
    return count;
  }

  #timeOf(age: number): number {
    return this.#columns.time[(this.#next - 1 - age + this.#room) % this.#room] ?? 0;
  }

  /** Only a full ring grows, and as it has never been fuller, its oldest is at the start. */
  #grow(): void {
    const room = Math.min(this.#room * 2, this.#max);
    for (const field of SAMPLE_FIELDS) {
      const grown = new Float64Array(room);
      grown.set(this.#columns[field]);
      this.#columns[field] = grown;
    }
    this.#next = this.#room;
    this.#room = room;
  }

  #copy(column: Float64Array, length: number): Float64Array {
    const copy = new Float64Array(length);
    const start = this.#next - length;
    if (start >= 0) {
      copy.set(column.subarray(start, this.#next));
    } else {
      copy.set(column.subarray(start + this.#room, this.#room));
      copy.set(column.subarray(0, this.#next), -start);
    }
    return copy;
  }
}

function forEachField<T>(make: (field: SampleField) => T): Record<SampleField, T> {
  return Object.fromEntries(SAMPLE_FIELDS.map((field) => [field, make(field)])) as Record<
    SampleField,
    T
  >;
}
