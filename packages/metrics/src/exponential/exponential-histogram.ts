import { checkNumber } from '@perf/core';
import { bucketOf, FINEST_SCALE, middleOf, ZERO_THRESHOLD } from './bucket-index.ts';
import type { Distribution } from './distribution.ts';

/** Buckets that one histogram may have: 64 octaves at the finest scale. */
const MAX_BUCKETS = 2048;
const FIRST_BUCKETS = 32;
const EMPTY = new Float64Array(0);

/** A run of buckets as plain data, as it is sent to others. */
export interface BucketData {
  readonly scale: number;
  /** The index of the first bucket. */
  readonly offset: number;
  readonly counts: Float64Array;
  readonly zeroes: number;
  readonly sum: number;
  readonly min: number;
  readonly max: number;
}

/**
 * Counts of observations in buckets whose bounds grow by `2 ** (2 ** -scale)`: of any finite number from 0 on, in bounded memory. The
 * scale begins at 5 and falls when the observations span more than 64 powers of two. Scales nest, so histograms of
 * different scales merge without loss beyond that of the coarser.
 *
 * The data model is OpenTelemetry's exponential histogram, and Prometheus' native one.
 */
export class ExponentialHistogram implements Distribution {
  count = 0;
  sum = 0;
  /** Observations below {@link ZERO_THRESHOLD}. */
  zeroes = 0;
  scale: number = FINEST_SCALE;
  /** The index of the bucket that `counts` begins with. */
  offset = 0;
  counts: Float64Array = EMPTY;
  #shift = 0;
  #min = Infinity;
  #max = -Infinity;

  /** Takes one observation. @param value a finite number from 0 on; nothing checks it */
  record(value: number): void {
    this.count++;
    this.sum += value;
    if (value < this.#min) this.#min = value;
    if (value > this.#max) this.#max = value;
    if (value < ZERO_THRESHOLD) {
      this.zeroes++;
      return;
    }
    const bucket = bucketOf(value);
    const at = (bucket >> this.#shift) - this.offset;
    const { counts } = this;
    if (at >= 0 && at < counts.length) counts[at] = (counts[at] as number) + 1;
    else this.#addBucket(bucket);
  }

  get min(): number {
    return this.count === 0 ? Number.NaN : this.#min;
  }

  get max(): number {
    return this.count === 0 ? Number.NaN : this.#max;
  }

  get mean(): number {
    return this.sum / this.count;
  }

  percentile(part: number): number {
    checkNumber('part', part, 0, 1);
    if (this.count === 0) return Number.NaN;
    const rank = Math.max(1, Math.ceil(part * this.count));
    if (rank >= this.count) return this.#max;
    let seen = this.zeroes;
    if (seen >= rank) return Math.max(this.#min, 0);
    const { counts, offset, scale } = this;
    for (let at = 0; at < counts.length; at++) {
      seen += counts[at] as number;
      if (seen >= rank) return this.#clamp(middleOf(at + offset, scale));
    }
    return this.#max;
  }

  /** Adds what another one, or a slot of one, holds. */
  merge(other: BucketData & { readonly count: number }): void {
    if (other.count === 0) return;
    this.count += other.count;
    this.sum += other.sum;
    this.zeroes += other.zeroes;
    if (other.min < this.#min) this.#min = other.min;
    if (other.max > this.#max) this.#max = other.max;
    const { counts, offset } = other;
    for (let at = 0; at < counts.length; at++) {
      const amount = counts[at] as number;
      if (amount !== 0) this.addTo(at + offset, other.scale, amount);
    }
  }

  /** Adds to a bucket of that scale. */
  addTo(bucket: number, scale: number, amount: number): void {
    if (scale < this.scale) this.#downscale(scale);
    const own = bucket >> (scale - this.scale);
    if (!this.#holds(own)) this.#makeRoom(own);
    // The scale may have fallen.
    const at = (bucket >> (scale - this.scale)) - this.offset;
    this.counts[at] = (this.counts[at] as number) + amount;
  }

  /** Adds figures that go with buckets added by {@link addTo}. */
  addFigures(figures: {
    readonly count: number;
    readonly sum: number;
    readonly zeroes: number;
    readonly min: number;
    readonly max: number;
  }): void {
    this.count += figures.count;
    this.sum += figures.sum;
    this.zeroes += figures.zeroes;
    if (figures.min < this.#min) this.#min = figures.min;
    if (figures.max > this.#max) this.#max = figures.max;
  }

  /** Forgets everything, but keeps its room and its scale. */
  clear(): void {
    this.count = 0;
    this.sum = 0;
    this.zeroes = 0;
    this.counts.fill(0);
    this.#min = Infinity;
    this.#max = -Infinity;
  }

  #addBucket(bucket: number): void {
    this.addTo(bucket, FINEST_SCALE, 1);
  }

  #holds(bucket: number): boolean {
    return bucket >= this.offset && bucket < this.offset + this.counts.length;
  }

  /** Grows, or coarsens, until the bucket of the present scale is within. */
  #makeRoom(bucket: number): void {
    if (this.counts.length === 0) {
      this.counts = new Float64Array(FIRST_BUCKETS);
      this.offset = bucket - FIRST_BUCKETS / 2;
      return;
    }
    const [low, high] = this.#occupied(bucket);
    const first = Math.min(bucket, low);
    const wanted = Math.max(bucket, high) - first + 1;
    if (wanted > MAX_BUCKETS) {
      this.#downscale(this.scale - 1);
      const coarser = bucket >> 1;
      if (!this.#holds(coarser)) this.#makeRoom(coarser);
      return;
    }
    // As much again where it grew: what comes next is often further out.
    const spare = Math.min(MAX_BUCKETS - wanted, this.counts.length >> 1);
    const start = bucket < low ? first - spare : first;
    const grown = new Float64Array(wanted + spare);
    grown.set(this.counts.subarray(low - this.offset, high - this.offset + 1), low - start);
    this.counts = grown;
    this.offset = start;
  }

  /** The first and the last bucket that is not empty; the given one if all are. */
  #occupied(otherwise: number): readonly [low: number, high: number] {
    const { counts, offset } = this;
    const low = counts.findIndex((amount) => amount > 0);
    if (low < 0) return [otherwise, otherwise];
    return [low + offset, counts.findLastIndex((amount) => amount > 0) + offset];
  }

  #downscale(scale: number): void {
    const by = this.scale - scale;
    const { counts, offset } = this;
    this.scale = scale;
    this.#shift = FINEST_SCALE - scale;
    if (counts.length === 0) return;
    this.offset = offset >> by;
    const length = ((offset + counts.length - 1) >> by) - this.offset + 1;
    const coarser = new Float64Array(length);
    counts.forEach((amount, at) => {
      const to = ((at + offset) >> by) - this.offset;
      coarser[to] = (coarser[to] as number) + amount;
    });
    this.counts = coarser;
  }

  #clamp(value: number): number {
    return Math.min(Math.max(value, this.#min), this.#max);
  }
}
