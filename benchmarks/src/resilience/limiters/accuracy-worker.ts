import { setImmediate } from 'node:timers/promises';
import { slidingWindow, tokenBucket } from '@perf/resilience';
import Bottleneck from 'bottleneck';
import { RateLimiter, TokenBucket } from 'limiter';
import pThrottle from 'p-throttle';
import { BurstyRateLimiter, RateLimiterMemory } from 'rate-limiter-flexible';
import { serveJob } from '../../harness/job.ts';
import type { AccuracySubject } from './accuracy-subjects.ts';
import type { Admissions } from './admissions.ts';

/** Work of one process. */
export interface AccuracyInput {
  readonly subject: AccuracySubject;
  /** Admissions a second. */
  readonly rate: number;
  readonly burst: number;
  /** In milliseconds. */
  readonly duration: number;
}

/** Asks once; calls `admit` when, and if, it is admitted. */
type Request = (admit: () => void) => void;

const SUBJECTS: Readonly<Record<AccuracySubject, (rate: number, burst: number) => Request>> = {
  tokenBucket: (rate, burst) => {
    const limiter = tokenBucket({ rate, burst });
    return (admit) => {
      if (limiter.tryTake().admitted) admit();
    };
  },
  'tokenBucket, precise': (rate, burst) => {
    const limiter = tokenBucket({ rate, burst, precise: true });
    return (admit) => {
      if (limiter.tryTake().admitted) admit();
    };
  },
  slidingWindow: (rate) => {
    const limiter = slidingWindow({ limit: rate, window: '1s', precision: 20 });
    return (admit) => {
      if (limiter.tryTake().admitted) admit();
    };
  },
  'limiter TokenBucket': (rate, burst) => {
    const bucket = new TokenBucket({
      bucketSize: burst,
      tokensPerInterval: rate,
      interval: 'second',
    });
    return (admit) => {
      if (bucket.tryRemoveTokens(1)) admit();
    };
  },
  'limiter RateLimiter': (rate) => {
    const limiter = new RateLimiter({ tokensPerInterval: rate, interval: 'second' });
    return (admit) => {
      if (limiter.tryRemoveTokens(1)) admit();
    };
  },
  'rate-limiter-flexible': (rate) => {
    const limiter = new RateLimiterMemory({ points: rate, duration: 1 });
    return (admit) => {
      limiter.consume('k').then(admit, () => undefined);
    };
  },
  'rate-limiter-flexible, bursty': (rate, burst) => {
    const limiter = new BurstyRateLimiter(
      new RateLimiterMemory({ points: rate, duration: 1 }),
      new RateLimiterMemory({ keyPrefix: 'burst', points: burst, duration: 1 }),
    );
    return (admit) => {
      limiter.consume('k').then(admit, () => undefined);
    };
  },
  // Those below queue what they do not admit.
  bottleneck: (rate) => {
    const limiter = new Bottleneck({
      reservoir: rate,
      reservoirRefreshAmount: rate,
      reservoirRefreshInterval: 1000,
    });
    return (admit) => {
      limiter.schedule(async () => admit()).catch(() => undefined);
    };
  },
  'p-throttle': (rate) => {
    const throttled = pThrottle({ limit: rate, interval: 1000 })(async (admit: () => void) =>
      admit(),
    );
    return (admit) => {
      void throttled(admit);
    };
  },
};

/** Offers twice as much as there is, for a while. */
async function measure({ subject, rate, burst, duration }: AccuracyInput): Promise<Admissions> {
  const request = SUBJECTS[subject](rate, burst);
  const times: number[] = [];
  const start = performance.now();
  let last = start;
  const admit = (): void => {
    const now = performance.now();
    if (now - start <= duration) times.push(now - start);
  };
  let offered = 0;
  for (let now = start; now - start < duration; now = performance.now()) {
    const due = Math.floor(((now - start) / 1000) * rate * 2);
    for (; offered < due; offered++) request(admit);
    last = now;
    await setImmediate();
  }
  return { span: last - start, offered, times };
}

serveJob(measure);
