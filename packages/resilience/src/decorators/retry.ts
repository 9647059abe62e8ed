import type { RetryOptions } from '../retry/options.ts';
import { retry as make } from '../retry/retry.ts';
import { policyDecorator, type PolicyDecorator } from './method-decorator.ts';

/** Calls a method again when it fails; takes the options of `retry` of the package's root, or a policy. */
export const retry: PolicyDecorator<RetryOptions> = policyDecorator('retry', make);
