/** Sentinels of the queues, and what stands in an entry's word for the queue it is in. */
export const WINDOW = 1;
export const PROBATION = 2;
export const PROTECTED = 3;
/** Slots 0 (none) to 3 hold no entry. */
export const RESERVED = 4;

/**
 * An entry's word: bit 0 used since it was last looked at, 1 sampled, 2–3 queue, 4–7 frequency, 8 whether
 * its key was known when it came.
 */
export const USED = 1;
export const SAMPLED = 2;
export const QUEUE_SHIFT = 2;
export const QUEUE: number = 3 << QUEUE_SHIFT;
export const FREQUENCY_SHIFT = 4;
export const FREQUENCY: number = 15 << FREQUENCY_SHIFT;
export const ONE_USE: number = 1 << FREQUENCY_SHIFT;
export const KNOWN = 256;
export const HIGHEST_FREQUENCY = 15;
