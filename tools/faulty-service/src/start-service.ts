import { readFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { createMemoryCache, type MemoryCacheStats } from '@perf/cache-core';
import { seededRandom } from '@perf/core';
import type { PoolStats } from '@perf/pool';
import { createObjectPool } from '@perf/pool/object';
import { zipf } from '@perf/traces';
import { ask, startDependency } from './dependency.ts';
import type { Disturbance, Fault } from './fault.ts';
import { blockLoop } from './faults/block-loop.ts';
import { churnGarbage } from './faults/churn-garbage.ts';
import { leakMemory } from './faults/leak-memory.ts';
import { takeThreads } from './faults/take-threads.ts';

/** Options of {@link startService}. */
export interface ServiceOptions {
  readonly fault: Fault;
  /** From which it follows how bad the fault is, and what is asked for. */
  readonly seed: number;
  /** Runs each part of a request, as a profiler's `run` does. @default just runs it */
  readonly run?: <T>(component: string, operation: string, fn: () => T) => T;
}

/** A service under load. */
export interface FaultyService {
  pools(): readonly PoolStats[];
  caches(): Readonly<Record<string, MemoryCacheStats>>;
  stop(): Promise<void>;
}

const KEYS = 2000;
const DISTURBANCES: Readonly<Partial<Record<Fault, (random: () => number) => Disturbance>>> = {
  'blocked-loop': blockLoop,
  'gc-churn': churnGarbage,
  leak: leakMemory,
  'taken-threads': takeThreads,
};

/** Starts the service and its load. */
export async function startService(options: ServiceOptions): Promise<FaultyService> {
  const { fault, seed, run = (_component, _operation, fn) => fn() } = options;
  const random = seededRandom(seed);
  const delay = fault === 'slow-dependency' ? 300 + random() * 600 : 2 + random() * 6;
  const dependency = await startDependency(() =>
    fault === 'exhausted-pool' ? 40 : delay * (0.5 + random()),
  );
  const pool = createObjectPool<Socket>({
    name: 'database',
    max: fault === 'exhausted-pool' ? 1 : 40,
    leakThreshold: '1m',
    create: () => dependency.connect(),
    destroy: (socket) => {
      socket.destroy();
    },
  });
  const cache = createMemoryCache<number, string>({
    maxEntries: fault === 'bad-cache' ? 20 : KEYS,
    seed,
  });
  const nextKey = zipf(random, KEYS, fault === 'bad-cache' ? 0.4 : 1);
  const file = fileURLToPath(import.meta.url);

  async function serve(): Promise<void> {
    const key = nextKey();
    // An exhausted pool is one that many want at once.
    const isAsked = fault === 'exhausted-pool' || cache.get(key) === undefined;
    if (isAsked) {
      await run('database', 'query', () => pool.use(ask));
      cache.set(key, `value ${key}`);
    }
    if (key % 8 === 0) await run('files', 'read', () => readFile(file));
    JSON.parse(JSON.stringify({ key, list: Array.from({ length: 50 }, (_, index) => index) }));
  }

  // As after some time: what is asked for often is known.
  if (fault !== 'bad-cache') for (let key = 0; key < KEYS; key++) cache.set(key, `value ${key}`);
  const underWay = new Set<Promise<void>>();
  const every = 12 + random() * 8;
  const timer = setInterval(() => {
    if (underWay.size > 200) return;
    const one = run('http', 'request', serve)
      .catch(() => undefined)
      .finally(() => underWay.delete(one));
    underWay.add(one);
  }, every);
  const expiring = setInterval(() => {
    // So that there is always something to ask for.
    cache.delete(nextKey());
  }, 100);
  const disturbance = DISTURBANCES[fault]?.(random);

  return {
    pools: () => [pool.stats()],
    caches: () => ({ values: cache.stats() }),
    async stop() {
      clearInterval(timer);
      clearInterval(expiring);
      await disturbance?.stop();
      await Promise.all(underWay);
      await pool.close();
      cache.close();
      dependency.stop();
    },
  };
}
