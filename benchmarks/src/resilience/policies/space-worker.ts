import { circuitBreaker } from '@perf/resilience';
import { serveJob } from '../../harness/job.ts';
import { median } from '../../harness/statistics.ts';

const CALLS = 2000;

async function fn(): Promise<number> {
  return 1;
}

/** Bytes that a call under a circuit breaker takes from the heap, the function's own among them. */
async function measure(): Promise<number> {
  const breaker = circuitBreaker();
  const samples: number[] = [];
  for (let sample = 0; sample < 30; sample++) {
    globalThis.gc?.();
    const before = process.memoryUsage().heapUsed;
    for (let call = 0; call < CALLS; call++) await breaker.execute(fn);
    samples.push((process.memoryUsage().heapUsed - before) / CALLS);
  }
  return median(samples);
}

serveJob(measure);
