/** The finest scale: 32 buckets to each power of two. */
export const FINEST_SCALE = 5;
/** What is smaller than this counts as zero. */
export const ZERO_THRESHOLD: number = 2 ** -64;

const PER_OCTAVE = 2 ** FINEST_SCALE;
/** Bins of the mantissa: narrower than the narrowest bucket, so that each holds one bound at most. */
const BIN_BITS = 6;
const BINS = 2 ** BIN_BITS;
const BIN_SHIFT = 20 - BIN_BITS;
const EXPONENT_BIAS = 1023;

const bounds = Float64Array.from(
  { length: PER_OCTAVE + 1 },
  (_, index) => 2 ** (index / PER_OCTAVE),
);
/** For each bin, the bucket in which its lowest value lies. */
const firstBuckets = Int8Array.from({ length: BINS }, (_, bin) => {
  const start = 1 + bin / BINS;
  let bucket = -1;
  while ((bounds[bucket + 1] as number) < start) bucket++;
  return bucket;
});

const float = new Float64Array(1);
const words = new Uint32Array(float.buffer);
const UPPER = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1 ? 1 : 0;

/**
 * The bucket of a number at {@link FINEST_SCALE}: `base ** index < value <= base ** (index + 1)`, where base is
 * `2 ** (1 / 32)`. Exponent bits, a table of the mantissa and one comparison; no logarithm. At scale `s` it is
 * `bucketOf(value) >> (5 - s)`.
 * @param value a finite number of at least {@link ZERO_THRESHOLD}
 */
export function bucketOf(value: number): number {
  float[0] = value;
  const upper = words[UPPER] as number;
  const exponent = (upper >>> 20) - EXPONENT_BIAS;
  words[UPPER] = (upper & 0xf_ff_ff) | 0x3f_f0_00_00;
  const bucket = firstBuckets[(upper & 0xf_ff_ff) >>> BIN_SHIFT] as number;
  const above = float[0] > (bounds[bucket + 1] as number) ? 1 : 0;
  return exponent * PER_OCTAVE + bucket + above;
}

/** The value that stands for a bucket: of all it has the smallest relative error, 1.08 % at most at scale 5. */
export function middleOf(bucket: number, scale: number): number {
  const low = 2 ** (bucket / 2 ** scale);
  // 2 · low · high / (low + high), where high may be beyond all numbers.
  return low * (2 / (1 + 2 ** -(2 ** -scale)));
}
