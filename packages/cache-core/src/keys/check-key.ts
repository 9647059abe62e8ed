import { ConfigError } from '@perf/core';
import { InvalidKeyError } from '../errors.ts';

/**
 * Refuses a key that is empty, not a string, or holds a lone surrogate (which has no UTF-8 form, so
 * that two such keys would meet in a store). Anything else is taken, whatever its length.
 * @throws {@link InvalidKeyError}
 */
export function checkKey(key: string): void {
  if (typeof key !== 'string') throw new InvalidKeyError(key, 'a string');
  if (key === '') throw new InvalidKeyError(key, 'a string that is not empty');
  if (!key.isWellFormed())
    throw new InvalidKeyError(key, 'a well-formed string, without lone surrogates');
}

/**
 * Refuses anything but an array of keys.
 * @throws ConfigError
 * @throws {@link InvalidKeyError}
 */
export function checkKeys(keys: readonly string[]): void {
  if (!Array.isArray(keys)) throw new ConfigError('keys', keys, 'an array of strings');
  for (const key of keys as readonly string[]) checkKey(key);
}
