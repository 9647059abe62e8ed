import { setTimeout as wait } from 'node:timers/promises';
import { startRedis } from '@perf/test-servers';
import { withActors, type Actor } from '../../harness/actor.ts';
import { median } from '../../harness/statistics.ts';
import type { Figure } from '../../harness/target.ts';
import { INSTANCE, type ColdReads, type ColdReadTimes, type OutageInput } from './outage.ts';

/** In milliseconds. */
const STORE_TIMEOUT = 250;
const LOADER = 10;

/** Beside each, as the peer's, by how much timers came late meanwhile. In milliseconds. */
export interface FrozenFigures {
  /** The slowest cold read beyond store timeout and loader, while the trouble is found out. */
  readonly closed: Figure;
  /** The slowest beyond the loader, once it is known. */
  readonly open: Figure;
}

/** Freezes a server under an instance several times; medians of the slowest of each time. */
export async function measureFrozen(times: number): Promise<FrozenFigures> {
  await using redis = await startRedis();
  const input: OutageInput = {
    store: redis.url,
    bus: redis.url,
    prefix: 'frozen',
    storeTimeout: STORE_TIMEOUT,
    serve: 30_000,
  };
  return await withActors(INSTANCE, [input], async ([actor]) => {
    const instance = actor as Actor;
    await instance.call('hold', ['ready']);
    const closed: ColdReadTimes[] = [];
    const open: ColdReadTimes[] = [];
    for (let time = 0; time < times; time++) {
      await redis.freeze();
      const read = (name: string, count: number, atOnce: number): Promise<ColdReadTimes> => {
        const keys = Array.from({ length: count }, (_, index) => `${name}:${time}:${index}`);
        return instance.call('readCold', { keys, atOnce, loader: LOADER } satisfies ColdReads);
      };
      closed.push(await read('closed', 20, 20));
      open.push(await read('open', 60, 3));
      await redis.thaw();
      await untilHealthy(instance);
    }
    return {
      closed: figureOf(closed.map(({ slowest, latest }) => [slowest - STORE_TIMEOUT, latest])),
      open: figureOf(open.map(({ slowest, latest }) => [slowest, latest])),
    };
  });
}

function figureOf(pairs: readonly (readonly [ours: number, peer: number])[]): Figure {
  return { ours: median(pairs.map(([ours]) => ours)), peer: median(pairs.map(([, peer]) => peer)) };
}

async function untilHealthy(instance: Actor): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    if (await instance.call<boolean>('healthy')) {
      // It is one read after the other that finds out that the gate is closed again.
      await instance.call('hold', ['ready']);
      return;
    }
    await wait(100);
  }
  throw new Error('the instance did not recover from a frozen Redis');
}
