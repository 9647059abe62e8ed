import { ConfigError } from '@perf/core';
import { ANY, endOfHead, runFinder, startOfTail, type Run } from './pattern-run.ts';

/** The longest pattern taken, in UTF-16 code units. */
export const MAX_PATTERN_LENGTH = 1024;

/** A wildcard pattern over keys; made by {@link compilePattern}. */
export interface KeyPattern {
  /** The pattern as it was given. */
  readonly source: string;
  /** The literal text, escapes resolved, before the first wildcard: every matching key begins with it. */
  readonly prefix: string;
  /** Whether the whole key matches. Keys have to be well-formed Unicode. Never throws. */
  matches(key: string): boolean;
}

/**
 * Compiles a wildcard pattern, which concerns whole keys:
 *
 * - `*` stands for any run of characters, also an empty one;
 * - `?` stands for exactly one character: a Unicode code point, so an emoji is one;
 * - a backslash takes the next character literally, as in `\*`, `\?` and `\\`;
 * - everything else, brackets and line ends included, stands for itself.
 *
 * No regular expression is made of it. Matching takes time linear in the length of the key, whatever
 * the pattern.
 * @throws {@link ConfigError} when the pattern is empty, longer than 1,024 characters, not
 * well-formed Unicode, or ends in the middle of an escape
 * @example
 * compilePattern('user:*:profile').matches('user:7:profile'); // true
 */
export function compilePattern(pattern: string): KeyPattern {
  const runs = parse(pattern);
  const head = runs[0] ?? [];
  const headEnd = endOfHead(head);
  const wildcard = head.indexOf(ANY);
  const prefix = String.fromCodePoint(...(wildcard === -1 ? head : head.slice(0, wildcard)));
  if (runs.length === 1) {
    return { source: pattern, prefix, matches: (key) => headEnd(key) === key.length };
  }

  const tailStart = startOfTail(runs.at(-1) ?? []);
  const finders = runs.slice(1, -1).map(runFinder);
  return {
    source: pattern,
    prefix,
    matches(key) {
      let position = headEnd(key);
      if (position === -1) return false;
      const end = tailStart(key);
      if (end < position) return false;
      // The earliest end of each run leaves the most room to the next, so nothing is tried twice.
      for (const find of finders) {
        position = find(key, position, end);
        if (position === -1) return false;
      }
      return true;
    },
  };
}

/** The pattern that matches `text` and nothing else: wildcards and backslashes are escaped. */
export function escapePattern(text: string): string {
  return text.replaceAll(/[*?\\]/g, String.raw`\$&`);
}

/** What stands before, between and after the stars: a single run if there is no star. */
function parse(pattern: string): readonly Run[] {
  if (
    typeof pattern !== 'string' ||
    pattern === '' ||
    pattern.length > MAX_PATTERN_LENGTH ||
    !pattern.isWellFormed()
  ) {
    throw new ConfigError(
      'pattern',
      pattern,
      `a well-formed string of 1 to ${MAX_PATTERN_LENGTH} characters`,
    );
  }
  const runs: number[][] = [];
  let run: number[] = [];
  let escaped = false;
  for (const character of pattern) {
    if (!escaped && character === '*') {
      // Neighbouring stars are one star.
      if (run.length > 0 || runs.length === 0) runs.push(run);
      run = [];
    } else if (!escaped && character === '\\') {
      escaped = true;
    } else {
      run.push(!escaped && character === '?' ? ANY : (character.codePointAt(0) ?? ANY));
      escaped = false;
    }
  }
  if (escaped) {
    throw new ConfigError(
      'pattern',
      pattern,
      String.raw`a pattern that does not end in the middle of an escape ('\\' stands for one backslash)`,
    );
  }
  runs.push(run);
  return runs;
}
