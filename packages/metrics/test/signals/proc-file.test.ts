import { expect, test } from 'vitest';
import { numberAfter, readProcFile } from '../../src/signals/proc-file.ts';

test('a number is found at the beginning of a line, and nowhere else', () => {
  const text = 'rchar: 5\nxwchar: 7\nwchar:\t 9 kB\nlast 11';
  expect(numberAfter(text, 'rchar')).toBe(5);
  expect(numberAfter(text, 'wchar')).toBe(9);
  expect(numberAfter(text, 'last')).toBe(11);
  expect(numberAfter(text, 'char')).toBeUndefined();
  expect(numberAfter('a: b', 'a')).toBeUndefined();
});

test('a file that is not there is undefined', () => {
  expect(readProcFile('/proc/self/there-is-no-such-file')).toBeUndefined();
});
