import { ClickHouseResponseError, ClickHouseResultTooLargeError } from './errors.ts';

const NEWLINE = 0x0a;
/** How much of an error's text is kept. */
const MAX_ERROR_TEXT = 65_536;
const EXCEPTION = /Code: \d+\. DB::Exception: .*/s;

/** What a {@link RowParser} needs. */
export interface RowParserOptions {
  readonly queryId: string;
  /** How many bytes one row may have. */
  readonly maxRowBytes: number;
  /** The value of `X-ClickHouse-Exception-Tag`, which versions from 25.11 put around an error. */
  readonly tag: string | undefined;
  /** The error that a text of the server tells of. */
  readonly parseError: (text: string) => Error;
}

/**
 * Rows out of the bytes of a format with one JSON value a line. The status has been sent when an error comes up, so its text
 * stands among the rows, or in the midst of one; that no JSON text looks like it is how it is found.
 */
export class RowParser<Row> {
  readonly #options: RowParserOptions;
  #rest: Buffer[] = [];
  #restBytes = 0;
  /** From the first line that is no row. */
  #strange: string | undefined;

  constructor(options: RowParserOptions) {
    this.#options = options;
  }

  /** @returns the rows that are complete now. @throws what is wrong with them */
  push(chunk: Buffer): Row[] {
    if (this.#strange !== undefined) {
      this.#strange += chunk.toString();
      if (this.#strange.length > MAX_ERROR_TEXT) throw this.#failure(undefined);
      return [];
    }
    const end = chunk.lastIndexOf(NEWLINE);
    if (end < 0) {
      this.#keep(chunk);
      return [];
    }
    const lines = this.#joined(chunk.subarray(0, end));
    this.#keep(chunk.subarray(end + 1));
    return this.#parse(lines);
  }

  /**
   * The text has ended.
   * @param broken what it broke off with, if it did
   * @returns the last row, if its line had no end. @throws the error that the server told of, or what is wrong with the text
   */
  finish(broken?: unknown): Row[] {
    const rows = this.#parse(this.#joined(Buffer.alloc(0)));
    if (this.#strange !== undefined || broken !== undefined) throw this.#failure(broken);
    return rows;
  }

  #keep(bytes: Buffer): void {
    if (bytes.length === 0) return;
    this.#rest.push(bytes);
    this.#restBytes += bytes.length;
    const { maxRowBytes } = this.#options;
    if (this.#restBytes > maxRowBytes) {
      throw new ClickHouseResultTooLargeError('a row', maxRowBytes);
    }
  }

  #joined(last: Buffer): string {
    const text = this.#rest.length === 0 ? last : Buffer.concat([...this.#rest, last]);
    this.#rest = [];
    this.#restBytes = 0;
    return text.toString();
  }

  #parse(lines: string): Row[] {
    if (lines === '') return [];
    try {
      // No JSON text has a line break within: these are between rows.
      return JSON.parse(`[${lines.replaceAll('\n', ',')}]`) as Row[];
    } catch {
      return this.#parseEach(lines.split('\n'));
    }
  }

  #parseEach(lines: readonly string[]): Row[] {
    const rows: Row[] = [];
    for (const [index, line] of lines.entries()) {
      try {
        rows.push(JSON.parse(line) as Row);
      } catch {
        this.#strange = `${lines.slice(index).join('\n')}\n${this.#joined(Buffer.alloc(0))}`;
        break;
      }
    }
    return rows;
  }

  #failure(broken: unknown): Error {
    const { tag, queryId, parseError } = this.#options;
    const text = this.#strange ?? '';
    const found = EXCEPTION.exec(text)?.[0];
    if (found !== undefined) {
      const end = tag === undefined ? -1 : found.search(new RegExp(`\\n\\d+ ${tag}`));
      return parseError(end < 0 ? found.trimEnd() : found.slice(0, end));
    }
    if (broken instanceof Error) return broken;
    const what = text === '' ? 'breaks off' : `has a row that is none: ${text.slice(0, 100)}`;
    return new ClickHouseResponseError(queryId, what, { cause: broken });
  }
}
