import { checkFunction, checkInteger, checkNumber } from '@perf/core';

/**
 * Draws ranks from 0 to `count` - 1, rank r with a probability proportional to 1 / (r + 1)^exponent
 * (Zipf's law, which requests to caches follow: Breslau et al., "Web caching and Zipf-like
 * distributions", INFOCOM 1999). Exact: a binary search in the cumulative distribution.
 * @param random numbers in [0, 1)
 * @returns a function that draws one
 */
export function zipf(count: number, exponent: number, random: () => number): () => number {
  checkInteger('count', count, { max: 10_000_000 });
  checkNumber('exponent', exponent, 0, 10);
  checkFunction('random', random);
  const cumulative = new Float64Array(count);
  let total = 0;
  for (let rank = 0; rank < count; rank++) {
    total += (rank + 1) ** -exponent;
    cumulative[rank] = total;
  }
  return () => {
    const wanted = random() * total;
    let low = 0;
    let high = count - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((cumulative[middle] ?? total) > wanted) high = middle;
      else low = middle + 1;
    }
    return low;
  };
}
