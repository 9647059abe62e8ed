import { randomInt } from 'node:crypto';
import { checkFunction, seededRandom } from '@perf/core';

/** Option of policies that spread something by chance. */
export interface RandomOption {
  /** Numbers from 0 to below 1. @default a generator with a seed of its own */
  readonly random?: (() => number) | undefined;
}

/** @throws {@link ConfigError} when it is no function */
export function randomSource(option: string, random: (() => number) | undefined): () => number {
  return random === undefined ? seededRandom(randomInt(2 ** 32)) : checkFunction(option, random);
}
