import { seededRandom } from '@perf/core';
import type { Series } from '@perf/metrics/diagnose';

/** What memory does beside leaking: noise of each sample, noise that lasts, collections, waves. */
export type Shape = 'noise' | 'lasting noise' | 'saw-tooth' | 'seasons';

/** Milliseconds between samples: the profiler's default. */
export const STEP = 100;

const MB = 1024 * 1024;
const LEVEL = 100 * MB;
/** A fifth of the level: the deviation of all of them. */
const NOISE = 20 * MB;
/** For how long noise lasts: 30 s, as load does. */
const LASTING = 30_000;
/** A season is at most so long, in seconds: three minutes are two of them, and are the least that is looked at. */
const LONGEST_SEASON = 90;

/** @param leak bytes a minute. The same for the same seed. */
export function memorySeries(shape: Shape, minutes: number, leak: number, seed: number): Series {
  const random = seededRandom(seed);
  const normal = (): number =>
    Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const next = SHAPES[shape](random, normal);
  const length = (minutes * 60_000) / STEP;
  const times = Float64Array.from({ length }, (_, index) => index * STEP);
  return {
    times,
    values: times.map((time) => LEVEL + (leak * time) / 60_000 + NOISE * next(time / 1000)),
  };
}

type Next = (seconds: number) => number;

/** Each with a deviation of 1. */
const SHAPES: Readonly<Record<Shape, (random: () => number, normal: () => number) => Next>> = {
  noise: (_, normal) => normal,
  'lasting noise': (_, normal) => {
    const kept = Math.exp(-STEP / LASTING);
    let last = normal();
    return () => {
      last = kept * last + Math.sqrt(1 - kept ** 2) * normal();
      return last;
    };
  },
  'saw-tooth': (random) => {
    const period = 4 + random() * 8;
    let tooth = random();
    return () => {
      tooth = (tooth + (STEP / 1000 / period) * (0.7 + 0.6 * random())) % 1;
      return (tooth - 0.5) * Math.sqrt(12);
    };
  },
  seasons: (random, normal) => {
    const period = 10 * (LONGEST_SEASON / 10) ** random();
    const phase = random() * 2 * Math.PI;
    return (seconds) =>
      0.9 * Math.SQRT2 * Math.sin((2 * Math.PI * seconds) / period + phase) + 0.44 * normal();
  },
};
