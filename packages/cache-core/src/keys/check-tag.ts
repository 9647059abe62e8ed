import { ConfigError } from '@perf/core';

/** The longest tag taken, in UTF-16 units: its UTF-8 fits the envelope's bound in any script. */
const LONGEST = 256;
/** How many tags one entry may carry. */
const MOST = 128;

/**
 * The tag, if it is a well-formed string of 1 to 256 UTF-16 units.
 * @throws ConfigError
 */
function checkTag(tag: string): string {
  if (typeof tag !== 'string' || tag === '' || tag.length > LONGEST || !tag.isWellFormed()) {
    throw new ConfigError('tags', tag, `strings of 1 to ${LONGEST} well-formed characters`);
  }
  return tag;
}

/**
 * The tags without repetitions, if each is one and there are not too many.
 * @param most 128 by default: what one entry may carry
 * @throws ConfigError
 */
export function checkTags(tags: readonly string[], most: number = MOST): readonly string[] {
  if (!Array.isArray(tags)) throw new ConfigError('tags', tags, 'an array of strings');
  const unique = [...new Set(tags.map(checkTag))];
  if (unique.length > most) throw new ConfigError('tags', unique.length, `at most ${most} tags`);
  return unique;
}
