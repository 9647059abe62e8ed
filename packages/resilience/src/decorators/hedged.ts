import { hedge } from '../hedge/hedge.ts';
import type { HedgeOptions } from '../hedge/options.ts';
import { policyDecorator, type PolicyDecorator } from './method-decorator.ts';

/** Starts a slow call of a method a second time; takes the options of `hedge`, or a policy. For methods that may run twice. */
export const hedged: PolicyDecorator<HedgeOptions> = policyDecorator('hedged', hedge);
