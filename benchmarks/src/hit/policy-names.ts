import { OUR_POLICIES } from '../caches/our-policies.ts';

/** What can be played a trace: our policies, peers, and the bound that no policy can exceed. */
export const POLICIES = [
  ...OUR_POLICIES,
  'lru-cache',
  'transitory',
  '@neophi/sieve-cache',
  'optimum',
] as const;
export type Policy = (typeof POLICIES)[number];
