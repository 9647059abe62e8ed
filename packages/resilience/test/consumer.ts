// Compiled against the packed package and run, once as an ES module and once as CommonJS.
import { deepStrictEqual as equal } from 'node:assert';
import { PerfError } from '@perf/core';
import { BrokenCircuitError, createBatcher, hedge, timeout, tokenBucket } from '@perf/resilience';
import { circuitBreaker } from '@perf/resilience/decorators';
import { redisRateLimiter } from '@perf/resilience/redis';
import { rateLimiterChecks } from '@perf/resilience/testing';

const refused = new BrokenCircuitError('payments', 250);
equal(
  [refused.code, refused.retryAfter, refused instanceof PerfError],
  ['PERF_CIRCUIT_OPEN', 250, true],
);
equal(tokenBucket({ rate: 1, burst: 2 }).tryTake('k').remaining, 1);
equal([typeof redisRateLimiter, rateLimiterChecks().length > 0], ['function', true]);
class Payments {
  @circuitBreaker({ consecutiveFailures: 1 })
  async pay(): Promise<void> {
    throw new Error('down');
  }
}
const doubles = createBatcher({ load: (keys: readonly number[]) => keys.map((key) => key * 2) });

async function run(): Promise<void> {
  const payments = new Payments();
  await payments.pay().catch(() => undefined);
  await payments.pay().catch((error: unknown) => {
    equal((error as BrokenCircuitError).code, 'PERF_CIRCUIT_OPEN');
  });
  equal(await Promise.all([doubles.load(1), doubles.load(2)]), [2, 4]);
  // The process ends by itself: no timer that is left keeps it alive.
  equal(await timeout({ after: '1h' }).execute(() => 1), 1);
  equal(await hedge({ delay: '1h' }).execute(() => 2), 2);
  console.log('works');
}
void run();
