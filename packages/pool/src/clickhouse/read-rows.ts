import { ClickHouseResultTooLargeError } from './errors.ts';
import type { Flight } from './flight.ts';
import { RowParser } from './row-parser.ts';

/** How rows are read. */
export interface ReadOptions {
  readonly maxResultBytes: number;
  /** The error that a text of the server tells of. */
  readonly parseError: (text: string) => Error;
}

/**
 * Reads an answer, and ends the flight however it ends.
 * @yields the rows of each piece that has come
 */
export async function* readBatches<Row>(
  flight: Flight,
  { maxResultBytes, parseError }: ReadOptions,
  onBytes?: (count: number) => void,
): AsyncGenerator<Row[], void> {
  const { queryId, tag } = flight;
  const parser = new RowParser<Row>({ queryId, tag, maxRowBytes: maxResultBytes, parseError });
  try {
    for (;;) {
      const chunk = await nextChunk(flight, parser);
      if (chunk === undefined) break;
      onBytes?.(chunk.length);
      const rows = parser.push(chunk);
      if (rows.length > 0) yield rows;
    }
    const rows = parser.finish();
    if (rows.length > 0) yield rows;
  } catch (error) {
    throw flight.fail(error);
  } finally {
    flight.close();
  }
}

/** All rows at once. @throws {@link ClickHouseResultTooLargeError} */
export async function readRows<Row>(flight: Flight, options: ReadOptions): Promise<Row[]> {
  const { maxResultBytes } = options;
  const all: Row[] = [];
  let bytes = 0;
  const count = (size: number): void => {
    bytes += size;
    if (bytes > maxResultBytes) {
      throw new ClickHouseResultTooLargeError('the result', maxResultBytes);
    }
  };
  for await (const rows of readBatches<Row>(flight, options, count)) {
    for (const row of rows) all.push(row);
  }
  return all;
}

/** What comes is of no interest, but whether it comes. */
export async function readThrough(flight: Flight): Promise<void> {
  while ((await flight.next()) !== undefined);
}

/** A connection that broke may have done so behind the server's own account of what went wrong. */
async function nextChunk<Row>(flight: Flight, parser: RowParser<Row>): Promise<Buffer | undefined> {
  try {
    return await flight.next();
  } catch (error) {
    if (flight.isGivenUp) throw error;
    parser.finish(error);
    throw error;
  }
}
