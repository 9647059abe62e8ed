import { bulkhead } from '../bulkhead/bulkhead.ts';
import type { BulkheadOptions } from '../bulkhead/options.ts';
import { policyDecorator, type PolicyDecorator } from './method-decorator.ts';

/** Bounds how many calls of a method run at once; takes the options of `bulkhead`, or a policy. */
export const concurrencyLimited: PolicyDecorator<BulkheadOptions> = policyDecorator(
  'concurrencyLimited',
  bulkhead,
);
