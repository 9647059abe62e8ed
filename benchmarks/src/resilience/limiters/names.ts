/** Subjects, by what they are called in tables and plots. */
export const OURS = {
  one: '@perf tokenBucket',
  keyed: '@perf tokenBucket, 100 keys',
  window: '@perf slidingWindow, 100 keys',
  awaited: '@perf tokenBucket, awaited, 100 keys',
} as const;
export const LIMITER = 'limiter TokenBucket';
export const FLEXIBLE = 'rate-limiter-flexible';
/** A second copy of the peer. */
export const CONTROL = 'limiter TokenBucket again';
/** The only workload. */
export const DECISIONS = 'decisions';
