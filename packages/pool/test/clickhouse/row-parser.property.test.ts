import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RowParser } from '../../src/clickhouse/row-parser.ts';

const parserOf = (tag?: string, maxRowBytes = 1e6): RowParser<unknown> =>
  new RowParser({
    queryId: 'q',
    maxRowBytes,
    tag,
    parseError: (text) => Object.assign(new Error(text), { type: 'TOLD' }),
  });

/** The bytes, cut at any places: in the midst of a character, too. */
const cut = (bytes: Buffer, places: readonly number[]): Buffer[] => {
  const ends = [...places.map((place) => place % (bytes.length + 1)), bytes.length].toSorted(
    (a, b) => a - b,
  );
  return ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end));
};

function read(parser: RowParser<unknown>, pieces: readonly Buffer[]): unknown[] {
  const rows = pieces.flatMap((piece) => parser.push(piece));
  return [...rows, ...parser.finish()];
}

const rowsOf = fc.array(
  fc.oneof(fc.dictionary(fc.string(), fc.jsonValue()), fc.array(fc.jsonValue())),
);
const places = fc.array(fc.nat(1000), { maxLength: 8 });
const TEXT = 'Code: 395. DB::Exception: Value is no good\nin two lines. (FUNCTION_THROW_IF)';

describe('rows out of bytes', () => {
  test('whatever the pieces, the rows are those that were sent', () => {
    fc.assert(
      fc.property(rowsOf, places, fc.boolean(), (rows, at, hasLastEnd) => {
        const text = rows.map((row) => JSON.stringify(row)).join('\n') + (hasLastEnd ? '\n' : '');
        const bytes = Buffer.from(rows.length === 0 ? '' : text);
        expect(read(parserOf(), cut(bytes, at))).toEqual(JSON.parse(JSON.stringify(rows)));
      }),
    );
  });

  test.each([
    [
      'from 25.11',
      `\r\n__exception__\r\nTAG\r\n${TEXT}\n${TEXT.length + 1} TAG\r\n__exception__\r\n`,
    ],
    ['before', TEXT],
  ])('an error of a server %s is told whatever the pieces, wherever it comes', (_version, tail) => {
    fc.assert(
      fc.property(rowsOf, places, fc.nat(20), (rows, at, missing) => {
        const text = rows.map((row) => `${JSON.stringify(row)}\n`).join('');
        const begun = text.slice(0, Math.max(0, text.length - missing));
        const pieces = cut(Buffer.from(begun + tail), at);
        expect(() => read(parserOf('TAG'), pieces)).toThrow(
          expect.objectContaining({ message: TEXT, type: 'TOLD' }),
        );
      }),
    );
  });

  test('a row that holds the text of an error is a row', () => {
    const row = { exception: TEXT };
    const bytes = Buffer.from(`${JSON.stringify(row)}\n`);
    expect(read(parserOf('TAG'), [bytes])).toEqual([row]);
  });

  test('half a row at the end is an error, not a row', () => {
    expect(() => read(parserOf(), [Buffer.from('{"a":1}\n{"a":')])).toThrow(
      /has a row that is none/,
    );
  });

  test('what the connection broke with is told, unless the server’s own account has come', () => {
    const broken = new Error('aborted');
    const parser = parserOf();
    parser.push(Buffer.from('{"a":1}\n{"a":'));
    expect(() => parser.finish(broken)).toThrow(broken);
    const told = parserOf();
    told.push(Buffer.from(`{"a":1}\n${TEXT}`));
    expect(() => told.finish(broken)).toThrow(TEXT);
  });

  test('a row, and a text that is none, are bounded', () => {
    const parser = parserOf(undefined, 100);
    parser.push(Buffer.from('"' + 'x'.repeat(80)));
    expect(() => parser.push(Buffer.from('x'.repeat(80)))).toThrow(
      /a row is larger than 100 bytes/,
    );
    const strange = parserOf();
    strange.push(Buffer.from('no row\n'));
    expect(() => {
      for (let n = 0; n < 100; n++) strange.push(Buffer.alloc(10_000, 'x'));
    }).toThrow(/no row/);
  });
});
