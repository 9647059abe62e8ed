import { ConfigError, type Policy } from '@perf/core';
import {
  policyDecorator,
  type MethodDecorator,
  type MethodDecoratorOf,
  type MethodOptions,
} from './method-decorator.ts';

/** Runs a method under a policy of any kind, such as a pipeline, which all instances share. */
export interface ResilientDecorator {
  (policy: Policy): MethodDecorator;
  <Arguments extends readonly unknown[]>(
    policy: Policy,
    method: MethodOptions<Arguments>,
  ): MethodDecoratorOf<Arguments>;
}

/**
 * See {@link ResilientDecorator}.
 * @example `@resilient(pipeline(retry(), timeout({ after: '2s' })))` above a method
 */
export const resilient: ResilientDecorator = policyDecorator(
  'resilient',
  (policy: object): Policy => {
    throw new ConfigError('@resilient', policy, 'given a policy, something that has execute()');
  },
);
