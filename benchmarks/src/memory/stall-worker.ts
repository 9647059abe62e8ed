import { PerformanceObserver } from 'node:perf_hooks';
import { setImmediate } from 'node:timers/promises';
import { serveJob } from '../harness/job.ts';
import { createSpaceCache, type SpaceCache } from './space-subject.ts';
import { lengthWithout, type Interval, type StallInput, type StallOutput } from './stall.ts';

/** Shorter operations are no stalls, in milliseconds. */
const THRESHOLD = 0.5;
/** Operations between two looks at the processor time used. */
const STRETCH = 100;
/** Operations between two turns of the event loop, in which collections are told. */
const TURN = 20_000;

interface Stall extends Interval {
  /** How long the process did not run in the stretch around it, at most. */
  readonly absent: number;
}

async function measure({ subject, entries }: StallInput): Promise<StallOutput> {
  const collections: Interval[] = [];
  const observer = new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) {
      collections.push({ start: startTime, end: startTime + duration });
    }
  });
  observer.observe({ entryTypes: ['gc'] });

  const cache = createSpaceCache(subject, entries);
  const stalls: Stall[] = [];
  // Each set is followed by a read, so that all entries are in use when it is full and has to evict; a quarter
  // also by a deletion of something older.
  const total = entries * 1.75;
  for (let i = 0; i < total; i += STRETCH) {
    stalls.push(...runStretch(cache, i));
    if (i % TURN === 0) await setImmediate();
  }
  await setImmediate();
  observer.disconnect();
  const lengths = stalls.map((stall) => lengthWithout(stall, collections) - stall.absent);
  if (cache.size < entries * 0.9) throw new Error(`it was filled only to ${cache.size}`);
  return { longest: Math.max(THRESHOLD, ...lengths) };
}

function runStretch(cache: SpaceCache, from: number): Stall[] {
  const stalls: Interval[] = [];
  const value = { from };
  const started = performance.now();
  const processor = processorTime();
  const time = (operation: (key: string) => unknown, key: string): void => {
    const start = performance.now();
    operation(key);
    const end = performance.now();
    if (end - start > THRESHOLD) stalls.push({ start, end });
  };
  const set = (key: string): unknown => cache.set(key, value);
  const get = (key: string): unknown => cache.get(key);
  const remove = (key: string): unknown => cache.delete(key);
  for (let i = from; i < from + STRETCH; i++) {
    const key = `k${i}`;
    time(set, key);
    time(get, key);
    time(get, key);
    if (i % 4 === 0) time(remove, `k${i >> 1}`);
  }
  if (stalls.length === 0) return [];
  const absent = performance.now() - started - (processorTime() - processor);
  return stalls.map((stall) => ({ ...stall, absent: Math.max(0, absent) }));
}

/** Of all threads of the process, in milliseconds: helpers only make stalls look longer than they were. */
function processorTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

serveJob(measure);
