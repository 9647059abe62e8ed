import {
  checkKnown,
  checkNumber,
  checkOneOf,
  ConfigError,
  toMilliseconds,
  type Duration,
} from '@perf/core';

/** How waits grow from one try to the next. */
export interface BackoffOptions {
  /**
   * `constant`: `base`; `linear`: `base`, twice, three times …; `exponential`: `base`, times `factor` each time; `decorrelated`: by chance
   * between `base` and three times the last wait. @default 'exponential'
   */
  readonly kind?: 'constant' | 'linear' | 'exponential' | 'decorrelated' | undefined;
  /** @default '100ms' */
  readonly base?: Duration | undefined;
  /** @default 2 */
  readonly factor?: number | undefined;
  /** No wait is longer. @default '10s', or `base` when that is longer */
  readonly max?: Duration | undefined;
  /**
   * What chance does to it: `full` takes anything from 0 to the wait, `equal` from a half of it, `none` nothing. `decorrelated` is chance
   * by itself. @default 'full'
   * @see Brooker, "Exponential Backoff and Jitter", AWS Architecture Blog, 2015
   */
  readonly jitter?: 'none' | 'full' | 'equal' | undefined;
}

/** {@link BackoffOptions}, or the waits themselves: when they end, so do the tries. */
export type Backoff = BackoffOptions | Iterable<Duration>;

/** The next wait in milliseconds; `undefined` when there is to be none. */
export type NextDelay = () => number | undefined;

/**
 * @returns what makes the waits of one call
 * @throws {@link ConfigError} naming the option that is refused
 */
export function backoffSource(
  option: string,
  backoff: Backoff,
  random: () => number,
): () => NextDelay {
  if (typeof backoff === 'object' && backoff !== null && Symbol.iterator in backoff) {
    return iterated(option, backoff);
  }
  if (typeof backoff === 'string') {
    throw new ConfigError(option, backoff, 'options, or an iterable of durations');
  }
  checkKnown(option, backoff, ['kind', 'base', 'factor', 'max', 'jitter']);
  const { kind = 'exponential', factor = 2, jitter = 'full' } = backoff;
  checkOneOf(`${option}.kind`, kind, ['constant', 'linear', 'exponential', 'decorrelated']);
  checkOneOf(`${option}.jitter`, jitter, ['none', 'full', 'equal']);
  checkNumber(`${option}.factor`, factor, 1, 1000);
  const base = toMilliseconds(`${option}.base`, backoff.base ?? '100ms', { min: 0 });
  const max = toMilliseconds(`${option}.max`, backoff.max ?? Math.max(base, 10_000), { min: base });
  if (kind === 'decorrelated') {
    return () => {
      let last = base;
      return () => {
        last = Math.min(max, base + random() * (last * 3 - base));
        return last;
      };
    };
  }
  const least = { none: 1, full: 0, equal: 0.5 }[jitter];
  const growth = {
    constant: () => 1,
    linear: (retry: number) => retry + 1,
    exponential: (retry: number) => factor ** retry,
  }[kind];
  return () => {
    let retry = 0;
    return () => {
      const delay = Math.min(max, base * growth(retry++));
      return delay * (least + (1 - least) * random());
    };
  };
}

/** Those of an array are checked now; those of others when they come. */
function iterated(option: string, delays: Iterable<Duration>): () => NextDelay {
  const check = (delay: Duration): number => toMilliseconds(option, delay, { min: 0 });
  if (Array.isArray(delays)) for (const delay of delays as readonly Duration[]) check(delay);
  return () => {
    const iterator = delays[Symbol.iterator]();
    return () => {
      const { done, value } = iterator.next();
      return done === true ? undefined : check(value);
    };
  };
}
