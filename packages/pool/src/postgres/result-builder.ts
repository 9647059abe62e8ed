import type { QueryField, QueryResult, TypeSource } from './client.ts';

type Parser = (raw: unknown) => unknown;

/** Such as `INSERT 0 3`, where the first number is an oid, or `SELECT 3`. */
const TAG = /^([A-Za-z]+)(?: (\d+))?(?: (\d+))?/;

/** How rows are to be made. */
export interface RowOptions {
  readonly types: TypeSource;
  readonly asArrays: boolean;
}

/** Puts together what the server sends for one query, as pg does. A text of several statements has a result for each. */
export class ResultBuilder {
  /** Those of the last statement. */
  fields: readonly QueryField[] = [];
  readonly #options: RowOptions;
  #parsers: readonly Parser[] = [];
  #rows: unknown[] = [];
  readonly #results: QueryResult[] = [];

  constructor(options: RowOptions) {
    this.#options = options;
  }

  describe(fields: readonly QueryField[]): void {
    const { types } = this.#options;
    this.fields = fields;
    this.#parsers = fields.map(
      ({ dataTypeID, format }) => types.getTypeParser(dataTypeID, format) as Parser,
    );
  }

  /** @throws what a parser of a type throws */
  addRow(raw: readonly unknown[]): void {
    this.#rows.push(this.#options.asArrays ? this.#arrayOf(raw) : this.#objectOf(raw));
  }

  complete(tag: string): void {
    const [, command, first, second] = TAG.exec(tag) ?? [];
    this.#results.push({
      // pg's types know of no null, here and in `oid`.
      command: command ?? (null as never),
      rowCount: second !== undefined ? Number(second) : first === undefined ? null : Number(first),
      oid: second === undefined ? (null as never) : Number(first),
      rows: this.#rows as QueryResult['rows'],
      fields: this.fields,
    });
    this.#rows = [];
    this.fields = [];
  }

  /** One result; an array of them for several statements; one that is empty for none. */
  build(): QueryResult {
    const [first] = this.#results;
    if (first === undefined) this.complete('');
    return (this.#results.length > 1 ? this.#results : this.#results[0]) as QueryResult;
  }

  #arrayOf(raw: readonly unknown[]): unknown[] {
    return raw.map((value, place) => this.#parsed(value, place));
  }

  #objectOf(raw: readonly unknown[]): Record<string, unknown> {
    const row: Record<string, unknown> = {};
    for (let place = 0; place < raw.length; place++) {
      const name = this.fields[place]?.name ?? '';
      const value = this.#parsed(raw[place], place);
      if (name === '__proto__') Object.defineProperty(row, name, { ...OWN, value });
      else row[name] = value;
    }
    return row;
  }

  #parsed(value: unknown, place: number): unknown {
    if (value === null) return null;
    const isBinary = this.fields[place]?.format === 'binary';
    return this.#parsers[place]?.(isBinary ? Buffer.from(value as Uint8Array) : value);
  }
}

const OWN = { writable: true, enumerable: true, configurable: true };
