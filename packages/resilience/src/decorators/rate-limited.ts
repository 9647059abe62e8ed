import { rateLimit } from '../rate-limit/rate-limit.ts';
import type { RateLimitOptions } from '../rate-limit/options.ts';
import { policyDecorator, type PolicyDecorator } from './method-decorator.ts';

/** Lets a method run only as often as a rate limit admits; takes the options of `rateLimit`, or a policy. */
export const rateLimited: PolicyDecorator<RateLimitOptions> = policyDecorator(
  'rateLimited',
  rateLimit,
);
