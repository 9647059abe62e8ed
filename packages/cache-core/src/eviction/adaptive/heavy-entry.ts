import { newerThan } from '../slot-queue.ts';
import { FREQUENCY, FREQUENCY_SHIFT, RESERVED, USED } from './entry-word.ts';
import { firstOf } from './queue-order.ts';

/** How many entries stand for all that would have to leave. */
const SAMPLE = 16;

/**
 * Whether a heavy entry has more uses per unit of weight than those that would leave for it, as far as the
 * first of them tell.
 */
export function isWorthIt(
  frequency: number,
  weight: number,
  links: Int32Array,
  words: Uint16Array,
  weights: Float64Array | undefined,
): boolean {
  let uses = 0;
  let weighed = 0;
  let slot = firstOf(links);
  for (let left = SAMPLE; slot >= RESERVED && left > 0; left--) {
    const word = words[slot] as number;
    uses += ((word & FREQUENCY) >>> FREQUENCY_SHIFT) + (word & USED);
    weighed += weights?.[slot] ?? 1;
    slot = newerThan(links, slot);
  }
  return weighed === 0 || frequency * weighed > uses * weight;
}
