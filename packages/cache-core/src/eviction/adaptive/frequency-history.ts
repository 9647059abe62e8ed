/** Fingerprints in a bucket, the one written last first. */
const WAYS = 4;
const FREQUENCY_BITS = 4;
const FREQUENCY = (1 << FREQUENCY_BITS) - 1;
/** A fingerprint is the hash's upper 12 bits. */
const FINGERPRINT_SHIFT = 20;

/**
 * How often keys that have left were used: a hash table of 16-bit words, each a fingerprint of 12 bits
 * and a frequency of 4. It holds two to four words per entry of the cache and forgets, in each
 * bucket of four, what was used least.
 */
export class FrequencyHistory {
  readonly #words: Uint16Array;
  readonly #lastBucket: number;
  /** How many words one {@link age} is for, so that all are halved once in 16 × `capacity` uses. */
  readonly #perStep: number;
  #next: number;

  /**
   * @param capacity how many entries the cache holds
   * @param aged how often the history, had it existed, would have been told to {@link age}
   */
  constructor(capacity: number, aged: number) {
    let size = WAYS;
    while (size < 2 * capacity) size *= 2;
    this.#words = new Uint16Array(size);
    this.#lastBucket = size / WAYS - 1;
    this.#perStep = Math.floor(size / capacity);
    this.#next = (aged * this.#perStep) % size;
  }

  /** The frequency written for the hash, -1 if it is not known. */
  read(hash: number): number {
    const words = this.#words;
    const fingerprint = hash >>> FINGERPRINT_SHIFT || 1;
    const first = (hash & this.#lastBucket) * WAYS;
    let word = words[first] as number;
    if (word >>> FREQUENCY_BITS === fingerprint) return word & FREQUENCY;
    word = words[first + 1] as number;
    if (word >>> FREQUENCY_BITS === fingerprint) return word & FREQUENCY;
    word = words[first + 2] as number;
    if (word >>> FREQUENCY_BITS === fingerprint) return word & FREQUENCY;
    word = words[first + 3] as number;
    if (word >>> FREQUENCY_BITS === fingerprint) return word & FREQUENCY;
    return -1;
  }

  /** Writes the frequency, or keeps the one that is known if that is higher. */
  write(hash: number, frequency: number): void {
    const words = this.#words;
    const fingerprint = hash >>> FINGERPRINT_SHIFT || 1;
    const first = (hash & this.#lastBucket) * WAYS;
    const a = words[first] as number;
    const b = words[first + 1] as number;
    const c = words[first + 2] as number;
    const d = words[first + 3] as number;
    // Which word is overwritten: the key's own, or else the last of those with the lowest frequency.
    let place = 3;
    let known = 0;
    if (d >>> FREQUENCY_BITS === fingerprint) known = d & FREQUENCY;
    else if (c >>> FREQUENCY_BITS === fingerprint) {
      place = 2;
      known = c & FREQUENCY;
    } else if (b >>> FREQUENCY_BITS === fingerprint) {
      place = 1;
      known = b & FREQUENCY;
    } else if (a >>> FREQUENCY_BITS === fingerprint) {
      place = 0;
      known = a & FREQUENCY;
    } else {
      let least = d & FREQUENCY;
      if ((c & FREQUENCY) < least) {
        place = 2;
        least = c & FREQUENCY;
      }
      if ((b & FREQUENCY) < least) {
        place = 1;
        least = b & FREQUENCY;
      }
      if ((a & FREQUENCY) < least) place = 0;
    }
    if (place > 2) words[first + 3] = c;
    if (place > 1) words[first + 2] = b;
    if (place > 0) words[first + 1] = a;
    words[first] = (fingerprint << FREQUENCY_BITS) | (known > frequency ? known : frequency);
  }

  /** Halves the frequencies of the next few words. */
  age(): void {
    const words = this.#words;
    const last = words.length - 1;
    for (let left = this.#perStep; left > 0; left--) {
      const word = words[this.#next] as number;
      words[this.#next] = (word & ~FREQUENCY) | ((word & FREQUENCY) >> 1);
      this.#next = (this.#next + 1) & last;
    }
  }
}
