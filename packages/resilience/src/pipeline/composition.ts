import { ConfigError, type Policy } from '@perf/core';
import { BasePolicy } from '../execution/base-policy.ts';

/**
 * Refuses what makes no sense, and warns of what seldom does.
 * @throws {@link ConfigError}
 */
export function checkComposition(policies: readonly Policy[]): void {
  if (policies.length === 0) {
    throw new ConfigError('pipeline', policies, 'of at least one policy, the outermost first');
  }
  for (const [at, policy] of policies.entries()) {
    if (typeof (policy as Partial<Policy> | undefined)?.execute !== 'function') {
      throw new ConfigError(`pipeline[${at}]`, policy, 'a policy: an object with `execute`');
    }
    const before = policies.indexOf(policy);
    if (before !== at) {
      throw new ConfigError(
        `pipeline[${at}]`,
        policy,
        `another policy than pipeline[${before}]: a call would have to get through it twice`,
      );
    }
  }
  const kinds = policies.map((policy) => (policy instanceof BasePolicy ? policy.kind : 'foreign'));
  const [breaker, innermostRetry] = [kinds.indexOf('circuitBreaker'), kinds.lastIndexOf('retry')];
  if (breaker !== -1 && breaker < innermostRetry) {
    warn(
      `pipeline[${innermostRetry}], a retry, is inside of pipeline[${breaker}], a circuit breaker, which then sees one failure for all tries; put the retry outside`,
    );
  }
  const [retry, innermostFallback] = [kinds.indexOf('retry'), kinds.lastIndexOf('fallback')];
  if (retry !== -1 && retry < innermostFallback) {
    warn(
      `pipeline[${innermostFallback}], a fallback, is inside of pipeline[${retry}], a retry, which then sees no failure; put the fallback outside`,
    );
  }
}

function warn(message: string): void {
  process.emitWarning(message, { type: 'PerfPipelineWarning' });
}
