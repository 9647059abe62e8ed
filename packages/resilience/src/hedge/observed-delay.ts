/** Buckets for each doubling of the time: two neighbours differ by 9 %. */
const PER_DOUBLING = 8;
/** Times below 2⁻⁷ ms, 8 µs, count as that; those above 2²⁴ ms, 4.7 h, as that. */
const SMALLEST = -7;
const LARGEST = 24;
const BUCKETS = (LARGEST - SMALLEST) * PER_DOUBLING;
/** At so many times, all counts are halved: old times fade. */
const FULL = 1000;
/** The fewest times of which a percentile is told. */
const FEWEST = 20;
/** How many times come in between two calculations of the percentile. */
const REFRESH = 16;

/** A percentile of recent times, to within 9 %, in 2 KB however many there are: counts by the logarithm of the time. */
export class ObservedDelay {
  readonly #percentile: number;
  readonly #min: number;
  readonly #counts = new Float64Array(BUCKETS);
  #total = 0;
  #stale = REFRESH;
  #delay = Infinity;

  /** @param min the least delay that is told, in milliseconds */
  constructor(percentile: number, min: number) {
    this.#percentile = percentile;
    this.#min = min;
  }

  /** `Infinity` while too few times are known. */
  get delay(): number {
    if (this.#stale >= REFRESH && this.#total >= FEWEST) this.#refresh();
    return this.#delay;
  }

  /** A time, or the least that it would have been. */
  record(time: number): void {
    const doublings = time > 0 ? Math.log2(time) - SMALLEST : 0;
    const bucket = Math.min(BUCKETS - 1, Math.max(0, Math.floor(doublings * PER_DOUBLING)));
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#total++;
    this.#stale++;
    if (this.#total < FULL) return;
    for (let at = 0; at < BUCKETS; at++) this.#counts[at] = (this.#counts[at] ?? 0) / 2;
    this.#total /= 2;
  }

  #refresh(): void {
    this.#stale = 0;
    // A tenth of forty is a little less than four.
    let above = this.#total * (1 - this.#percentile) + 1e-9;
    let bucket = BUCKETS - 1;
    for (; bucket > 0; bucket--) {
      above -= this.#counts[bucket] ?? 0;
      if (above < 0) break;
    }
    // The upper end of the bucket.
    this.#delay = Math.max(this.#min, 2 ** ((bucket + 1) / PER_DOUBLING + SMALLEST));
  }
}
