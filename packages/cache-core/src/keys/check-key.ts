import { InvalidKeyError } from '../errors.ts';

/**
 * Refuses a key that is empty, not a string, or holds a lone surrogate (which has no UTF-8 form, so
 * that two such keys would meet in a store). Anything else is taken, whatever its length.
 * @throws {@link InvalidKeyError}
 */
export function checkKey(key: string): void {
  if (typeof key !== 'string') throw new InvalidKeyError(key, 'is a string');
  if (key === '') throw new InvalidKeyError(key, 'is not empty');
  if (!key.isWellFormed()) throw new InvalidKeyError(key, 'holds no lone surrogates');
}
