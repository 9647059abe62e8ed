import type { ExponentialHistogram } from '../exponential/exponential-histogram.ts';

const MAX_SHORT = 65_535;

/** What was observed in a slot of time, in little memory: only buckets that are not empty. */
export class PackedHistogram {
  /** Which slot of time it is. */
  readonly tick: number;
  readonly count: number;
  readonly sum: number;
  readonly zeroes: number;
  readonly min: number;
  readonly max: number;
  readonly #scale: number;
  readonly #offset: number;
  readonly #places: Uint16Array;
  readonly #amounts: Uint16Array | Float64Array;

  constructor(tick: number, histogram: ExponentialHistogram) {
    const { counts } = histogram;
    let buckets = 0;
    let most = 0;
    for (const amount of counts) {
      if (amount > 0) buckets++;
      if (amount > most) most = amount;
    }
    this.tick = tick;
    this.count = histogram.count;
    this.sum = histogram.sum;
    this.zeroes = histogram.zeroes;
    this.min = histogram.min;
    this.max = histogram.max;
    this.#scale = histogram.scale;
    this.#offset = histogram.offset;
    this.#places = new Uint16Array(buckets);
    this.#amounts = most > MAX_SHORT ? new Float64Array(buckets) : new Uint16Array(buckets);
    let to = 0;
    counts.forEach((amount, at) => {
      if (amount === 0) return;
      this.#places[to] = at;
      this.#amounts[to++] = amount;
    });
  }

  addTo(histogram: ExponentialHistogram): void {
    histogram.addFigures(this);
    const places = this.#places;
    for (let at = 0; at < places.length; at++) {
      const bucket = (places[at] as number) + this.#offset;
      histogram.addTo(bucket, this.#scale, this.#amounts[at] as number);
    }
  }
}
