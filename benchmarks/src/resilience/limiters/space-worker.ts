import { tokenBucket } from '@perf/resilience';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import { serveJob } from '../../harness/job.ts';

/** Work of one process. */
export interface LimiterSpaceInput {
  readonly subject: 'ours' | 'rate-limiter-flexible';
  readonly keys: number;
}

/** What the process holds after everything unreachable is gone. */
function held(): number {
  for (let i = 0; i < 4; i++) globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** @returns bytes a key, without the key's own */
async function measure({ subject, keys }: LimiterSpaceInput): Promise<number> {
  const names = Array.from({ length: keys }, (_, index) => `user:profile:${index}`);
  const ours = tokenBucket({ rate: 1, per: '1h', burst: 5, maxKeys: keys });
  const flexible = new RateLimiterMemory({ points: 5, duration: 3600 });
  const before = held();
  for (const name of names) {
    if (subject === 'ours') ours.tryTake(name);
    else await flexible.consume(name);
  }
  const bytes = (held() - before) / keys;
  if (subject === 'ours' && ours.snapshot().keys !== keys) throw new Error('it lacks keys');
  return bytes;
}

serveJob(measure);
