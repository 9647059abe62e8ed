/** Whose admissions are measured. */
export type AccuracySubject =
  | 'tokenBucket'
  | 'tokenBucket, precise'
  | 'slidingWindow'
  | 'limiter TokenBucket'
  | 'limiter RateLimiter'
  | 'rate-limiter-flexible'
  | 'rate-limiter-flexible, bursty'
  | 'bottleneck'
  | 'p-throttle';

/** Of the plot, in its order. */
export const PLOTTED: readonly AccuracySubject[] = [
  'tokenBucket',
  'slidingWindow',
  'limiter TokenBucket',
  'limiter RateLimiter',
  'rate-limiter-flexible, bursty',
  'bottleneck',
  'p-throttle',
];
