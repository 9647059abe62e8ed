import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  formatBeat,
  formatBump,
  formatBye,
  formatDrop,
  formatEnded,
  formatHello,
  formatVoid,
  parseMessage,
} from '../../src/bus/bus-message.ts';
import type { LedgerKind, LedgerMember } from '../../src/index.ts';

const from = fc.stringMatching(/^[\da-f]{16}$/);
const id = fc.stringMatching(/^[\w:]{1,20}$/);
const number = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
const words = fc.array(fc.oneof(fc.string(), fc.string({ unit: 'binary' })));
const members: fc.Arbitrary<readonly LedgerMember[]> = fc.array(
  fc.record({
    kind: fc.constantFrom<LedgerKind>('all', 'tag', 'soft', 'pattern'),
    name: fc.string({ unit: 'binary' }),
  }),
);

describe('a message is read as it was written', () => {
  test('with any keys and tickets', () => {
    fc.assert(
      fc.property(from, number, words, (name, drop, list) => {
        expect(parseMessage(formatDrop(name, drop, list))).toEqual({
          kind: 'drop',
          from: name,
          number: drop,
          keys: list,
        });
        expect(parseMessage(formatEnded(name, list))).toEqual({
          kind: 'ended',
          from: name,
          tickets: list,
        });
      }),
    );
  });

  test('with any members', () => {
    fc.assert(
      fc.property(from, id, number, number, members, (name, ledger, prev, seq, list) => {
        expect(parseMessage(formatVoid(name, seq, list))).toEqual({
          kind: 'void',
          from: name,
          number: seq,
          members: list,
        });
        const { before, after } = formatBump(name, list);
        expect(parseMessage(`${before}${ledger} ${prev} ${seq}${after}`)).toEqual({
          kind: 'bump',
          from: name,
          id: ledger,
          prev,
          seq,
          members: list,
        });
      }),
    );
  });

  test('as beat, hello and goodbye', () => {
    fc.assert(
      fc.property(
        from,
        fc.option(id, { nil: '' }),
        number,
        number,
        (name, ledger, last, reached) => {
          const beat = { from: name, number: last, id: ledger, reached, sent: last };
          expect(parseMessage(formatBeat(beat))).toEqual({ kind: 'beat', ...beat });
          expect(parseMessage(formatBye(name, last))).toEqual({
            kind: 'bye',
            from: name,
            number: last,
          });
          expect(parseMessage(formatHello(name))).toEqual({ kind: 'hello', from: name });
        },
      ),
    );
  });
});

describe('what is no message of this version', () => {
  test('is nothing, and never throws', () => {
    const word = fc.oneof(
      fc.constantFrom('1', '2', 'drop', 'void', 'bump', 'ended', 'beat', 'hello', 'bye', '-', ''),
      fc.constantFrom('[]', '["a"]', '[["tag","x"]]', '[["no","x"]]', '{}', 'null', '[1]', '-1'),
      fc.string(),
      fc.nat().map(String),
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 8 }), (list) => {
        const message = parseMessage(list.join(' '));
        if (message === undefined) return;
        expect(list.join(' ').startsWith(`1 ${message.kind} `)).toBe(true);
        expect(message.from).not.toBe('');
      }),
      { numRuns: 2000 },
    );
  });

  test.each([
    '',
    'hello',
    '2 hello a',
    '1 hello ',
    '1 drop a 0 ["k"]',
    '1 drop a 1.5 ["k"]',
    '1 drop a 1 k',
    '1 drop a 1 [1]',
    '1 drop a 1',
    '1 void a 1 [["tag"]]',
    '1 void a 1 {"kind":"tag"}',
    '1 bump a id 1 [["tag","x"]]',
    '1 beat a 1 id',
    '1 bye a -1',
    '1 later a 1',
  ])('%j is none', (text) => {
    expect(parseMessage(text)).toBeUndefined();
  });
});
