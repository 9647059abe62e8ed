import { seededRandom } from '@perf/core';

/** Numbers of a normal distribution with mean 0 and deviation 1, the same for the same seed. */
export function normal(seed: number): () => number {
  const random = seededRandom(seed);
  return () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** A value for each time, `step` milliseconds apart. */
export function seriesOf(
  length: number,
  step: number,
  value: (index: number, seconds: number) => number,
): { times: Float64Array; values: Float64Array } {
  const times = Float64Array.from({ length }, (_, index) => index * step);
  return { times, values: times.map((time, index) => value(index, time / 1000)) };
}
