import { describe, it } from 'vitest';
import { ManualClock } from '@perf/core/testing';
import { slidingWindow } from '../../src/limiters/sliding-window.ts';
import { tokenBucket } from '../../src/limiters/token-bucket.ts';
import type { AdjustableRateLimiter } from '../../src/limiters/rate-limiter.ts';
import { describeRateLimiter } from '../../src/testing/describe-rate-limiter.ts';
import type {
  LimiterSpeed,
  LimiterSubject,
} from '../../src/testing/limiter-suite/limiter-check.ts';

const RUNNER = { describe, it };

function subjectOf(
  make: (speed: LimiterSpeed, clock: ManualClock) => AdjustableRateLimiter,
): (speed: LimiterSpeed) => LimiterSubject {
  return (speed) => {
    const clock = new ManualClock();
    return {
      limiter: make(speed, clock),
      clock,
      advance: (milliseconds) => clock.advanceAsync(milliseconds),
      cleanup: () => undefined,
    };
  };
}

for (const precise of [false, true]) {
  describeRateLimiter(
    `tokenBucket, precise: ${precise}`,
    subjectOf(({ limit, window }, clock) =>
      tokenBucket({ rate: limit, per: window, burst: limit, precise, clock }),
    ),
    RUNNER,
  );
  describeRateLimiter(
    `slidingWindow, precise: ${precise}`,
    subjectOf(({ limit, window }, clock) => slidingWindow({ limit, window, precise, clock })),
    RUNNER,
  );
}
describeRateLimiter(
  'slidingWindow of three parts',
  subjectOf(({ limit, window }, clock) => slidingWindow({ limit, window, precision: 3, clock })),
  RUNNER,
);
