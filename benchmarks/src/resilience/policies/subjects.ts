import { bulkhead, circuitBreaker, pipeline, retry, timeout } from '@perf/resilience';
import * as cockatiel from 'cockatiel';
import CircuitBreaker from 'opossum';
import pLimit from 'p-limit';
import PQueue from 'p-queue';
import pRetry from 'p-retry';
import * as names from './names.ts';

/** One kind of call, under the policy of one maker. */
export interface Subject {
  readonly workload: string;
  readonly subject: string;
  readonly call: () => unknown;
  /** How many calls make a turn. */
  readonly calls: number;
  /** Many at once, so that they have to wait. */
  readonly atOnce?: boolean;
}

const CALLS = 20_400;
const SLOW_CALLS = 10_200;
const LIMIT = 10;
const LONG = 10_000_000;
const boom = new Error('boom');

async function fn(): Promise<number> {
  return 1;
}

function fail(): Promise<never> {
  return Promise.reject(boom);
}

function ignore(): void {
  // A refusal is what is measured.
}

function sampling(): cockatiel.CircuitBreakerPolicy {
  return cockatiel.circuitBreaker(cockatiel.handleAll, {
    halfOpenAfter: LONG,
    breaker: new cockatiel.SamplingBreaker({ threshold: 0.5, duration: 10_000 }),
  });
}

/** @returns the subjects, and what ends the timers of the peers */
export async function subjects(): Promise<{
  readonly all: readonly Subject[];
  readonly end: () => void;
}> {
  const inline = circuitBreaker();
  const opossum = new CircuitBreaker(fn);
  const open = await openBreakers();
  const all: Subject[] = [];
  const add = (workload: string, calls: number, calling: Record<string, () => unknown>): void => {
    const bare = workload === names.FAILING ? () => fail().catch(ignore) : fn;
    const both = { [names.BARE]: () => bare(), [names.CONTROL]: () => bare(), ...calling };
    const atOnce = workload === names.QUEUED;
    for (const [subject, call] of Object.entries(both)) {
      all.push({ workload, subject, call, calls, atOnce });
    }
  };
  const [ours, theirs] = [circuitBreaker(), sampling()];
  add(names.BREAKER, CALLS, {
    [names.OURS]: () => ours.execute(fn),
    [names.INLINE]: () => {
      const permit = inline.tryAcquire();
      if (permit === 0) throw inline.refusal();
      const result = fn();
      inline.success(permit);
      return result;
    },
    [names.COCKATIEL]: () => theirs.execute(fn),
    [names.OPOSSUM]: () => opossum.fire(),
  });
  add(names.REFUSED, SLOW_CALLS, open.calling);
  const full = circuitBreaker({ failureRate: 1, window: { time: '10m' } });
  for (let call = 0; call < 100_000; call++) full.success(full.tryAcquire());
  add(names.FAILING, SLOW_CALLS, { [names.OURS]: () => full.execute(fail).catch(ignore) });
  const [ourRetry, theirRetry] = [
    retry(),
    cockatiel.retry(cockatiel.handleAll, { maxAttempts: 3 }),
  ];
  add(names.RETRY, CALLS, {
    [names.OURS]: () => ourRetry.execute(fn),
    [names.COCKATIEL]: () => theirRetry.execute(fn),
    [names.P_RETRY]: () => pRetry(fn, { retries: 2 }),
  });
  const bounded = timeout({ after: '5s' });
  const theirTimeout = cockatiel.timeout(5000, cockatiel.TimeoutStrategy.Aggressive);
  add(names.TIMEOUT, SLOW_CALLS, {
    [names.OURS]: () => bounded.execute(fn),
    [names.COCKATIEL]: () => theirTimeout.execute(fn),
  });
  for (const workload of [names.FREE, names.QUEUED]) {
    const limited = bulkhead({ limit: LIMIT });
    const theirLimited = cockatiel.bulkhead(LIMIT, 1000);
    const limit = pLimit(LIMIT);
    const queue = new PQueue({ concurrency: LIMIT });
    add(workload, workload === names.FREE ? CALLS : SLOW_CALLS, {
      [names.OURS]: () => limited.execute(fn),
      [names.COCKATIEL]: () => theirLimited.execute(fn),
      [names.P_LIMIT]: () => limit(fn),
      [names.P_QUEUE]: () => queue.add(fn),
    });
  }
  add(names.PIPELINE, SLOW_CALLS, pipelines());
  const end = (): void => {
    opossum.shutdown();
    open.end();
  };
  return { all, end };
}

async function openBreakers(): Promise<{
  readonly calling: Record<string, () => unknown>;
  readonly end: () => void;
}> {
  const ours = circuitBreaker({ consecutiveFailures: 1, openPeriod: LONG });
  const theirs = cockatiel.circuitBreaker(cockatiel.handleAll, {
    halfOpenAfter: LONG,
    breaker: new cockatiel.ConsecutiveBreaker(1),
  });
  const opossum = new CircuitBreaker(fn, { resetTimeout: LONG });
  await ours.executeSafe(fail);
  await theirs.execute(fail).catch(ignore);
  opossum.open();
  return {
    calling: {
      [names.OURS]: () => ours.execute(fn).catch(ignore),
      [names.COCKATIEL]: () => theirs.execute(fn).catch(ignore),
      [names.OPOSSUM]: () => opossum.fire().catch(ignore),
    },
    end: () => {
      opossum.shutdown();
    },
  };
}

function pipelines(): Record<string, () => unknown> {
  const ours = pipeline(retry(), circuitBreaker(), bulkhead({ limit: LIMIT }));
  const oursBounded = pipeline(
    timeout({ after: '5s' }),
    retry(),
    circuitBreaker(),
    bulkhead({ limit: LIMIT }),
  );
  const parts = [
    cockatiel.retry(cockatiel.handleAll, { maxAttempts: 3 }),
    sampling(),
    cockatiel.bulkhead(LIMIT, 100),
  ] as const;
  const theirs = cockatiel.wrap(...parts);
  const theirsBounded = cockatiel.wrap(
    cockatiel.timeout(5000, cockatiel.TimeoutStrategy.Aggressive),
    ...parts,
  );
  return {
    [names.OURS]: () => ours.execute(fn),
    [names.WITH_TIMEOUT]: () => oursBounded.execute(fn),
    [names.COCKATIEL]: () => theirs.execute(fn),
    [names.COCKATIEL_WITH_TIMEOUT]: () => theirsBounded.execute(fn),
  };
}
