import { timeout } from '../timeout/timeout.ts';
import type { TimeoutOptions } from '../timeout/options.ts';
import { policyDecorator, type PolicyDecorator } from './method-decorator.ts';

/** Bounds how long a method takes; takes the options of `timeout`, or a policy. `pass` hands its signal to the method. */
export const timeLimited: PolicyDecorator<TimeoutOptions> = policyDecorator('timeLimited', timeout);
