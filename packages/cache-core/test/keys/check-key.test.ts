import { describe, expect, it } from 'vitest';
import { InvalidKeyError } from '../../src/index.ts';
import { checkKey } from '../../src/keys/check-key.ts';

describe('a key', () => {
  it.each(['a', '*', '\n', '\0', '../', '__proto__', ' ', '😀', 'x'.repeat(1_000_000)])(
    'may be anything well-formed (%#)',
    (key) => {
      expect(() => {
        checkKey(key);
      }).not.toThrow();
    },
  );

  it.each(['', '\ud800', 'a\udc00', 1, null, undefined, {}])('is refused (%#)', (key) => {
    expect(() => {
      checkKey(key as string);
    }).toThrow(InvalidKeyError);
  });
});
