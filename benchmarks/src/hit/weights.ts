/** Of the logarithm of the sizes: the median is 1,000 bytes, one in a hundred is above 16 kB. */
const MEDIAN = 1000;
const SIGMA = 1.2;

/** The size of each key below `count` in bytes: log-normal, and always the same for the same key. */
export function weightsOf(count: number): Uint32Array {
  return new Uint32Array(count).map((_, key) =>
    Math.max(1, Math.round(MEDIAN * Math.exp(SIGMA * normal(key)))),
  );
}

/** A standard normal number that follows from the key (Box and Muller, 1958). */
function normal(key: number): number {
  const radius = Math.sqrt(-2 * Math.log(uniform(key * 2)));
  return radius * Math.cos(2 * Math.PI * uniform(key * 2 + 1));
}

/** Above 0, at most 1: an avalanche of the number. */
function uniform(number: number): number {
  let hash = number ^ 0x9e37_79b9;
  hash = Math.imul(hash ^ (hash >>> 16), 0x7feb_352d);
  hash = Math.imul(hash ^ (hash >>> 15), 0x846c_a68b);
  return ((hash ^ (hash >>> 16)) >>> 0 || 1) / 2 ** 32;
}
