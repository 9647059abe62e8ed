import { adaptiveBulkhead } from '../adaptive-bulkhead/adaptive-bulkhead.ts';
import type { AdaptiveBulkheadOptions } from '../adaptive-bulkhead/options.ts';
import { policyDecorator, type PolicyDecorator } from './method-decorator.ts';

/** Finds out how many calls of a method may run at once; takes the options of `adaptiveBulkhead`, or a policy. */
export const adaptivelyLimited: PolicyDecorator<AdaptiveBulkheadOptions> = policyDecorator(
  'adaptivelyLimited',
  adaptiveBulkhead,
);
