import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compilePattern, escapePattern } from '../../src/invalidation/pattern.ts';

/** The definition, with no thought for speed. */
function naive(pattern: readonly string[], key: readonly string[]): boolean {
  const [token, ...rest] = pattern;
  if (token === undefined) return key.length === 0;
  if (token === '*') return naive(rest, key) || (key.length > 0 && naive(pattern, key.slice(1)));
  if (key.length === 0) return false;
  if (token === '?') return naive(rest, key.slice(1));
  if (token === '\\') return rest[0] === key[0] && naive(rest.slice(1), key.slice(1));
  return token === key[0] && naive(rest, key.slice(1));
}

// Few letters, so that runs repeat and nearly match.
const letters = fc.constantFrom('a', 'b', '😀');
const tokens = fc.oneof(
  { weight: 6, arbitrary: letters },
  { weight: 3, arbitrary: fc.constant('*') },
  { weight: 2, arbitrary: fc.constant('?') },
  { weight: 1, arbitrary: fc.constantFrom('\\*', '\\?', '\\\\', '\\a') },
);
const patterns = fc.array(tokens, { minLength: 1, maxLength: 10 }).map((parts) => parts.join(''));
const keys = fc
  .array(fc.oneof({ weight: 9, arbitrary: letters }, fc.constantFrom('*', '?', '\\')), {
    maxLength: 12,
  })
  .map((parts) => parts.join(''));

describe('compilePattern', () => {
  it('agrees with the naive recursive matcher', () => {
    fc.assert(
      fc.property(patterns, fc.array(keys, { minLength: 1, maxLength: 20 }), (pattern, sample) => {
        const compiled = compilePattern(pattern);
        for (const key of sample) {
          const expected = naive(Array.from(pattern), Array.from(key));
          expect(compiled.matches(key), `${pattern} on ${key}`).toBe(expected);
          expect(!expected || key.startsWith(compiled.prefix)).toBe(true);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('finds a long run anywhere, as a search from each place in turn does', () => {
    const twoLetters = fc.constantFrom('a', 'b');
    const runs = fc.array(fc.oneof({ weight: 9, arbitrary: twoLetters }, fc.constant('?')), {
      minLength: 3,
      maxLength: 10,
    });
    // Made of beginnings of the run, so that a search gets far before it fails.
    const pieces = fc.array(fc.nat({ max: 10 }), { maxLength: 8 });
    fc.assert(
      fc.property(runs, pieces, fc.boolean(), (run, lengths, literal) => {
        const sought = literal ? run.map((token) => (token === '?' ? 'a' : token)) : run;
        const text = lengths.flatMap((length) =>
          run.slice(0, length).map((token) => (token === '?' ? 'b' : token)),
        );
        const expected = text.some((_, start) =>
          sought.every((token, index) => {
            const letter = text[start + index];
            return letter !== undefined && (token === '?' || token === letter);
          }),
        );
        expect(compilePattern(`*${sought.join('')}*`).matches(text.join(''))).toBe(expected);
      }),
      { numRuns: 5000 },
    );
  });

  it('an escaped text is a pattern for exactly that text', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', minLength: 1, maxLength: 50 }),
        keys,
        (text, other) => {
          const compiled = compilePattern(escapePattern(text));
          expect(compiled.matches(text)).toBe(true);
          expect(compiled.matches(other)).toBe(other === text);
        },
      ),
    );
  });
});
