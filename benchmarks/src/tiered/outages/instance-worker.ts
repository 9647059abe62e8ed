import { setTimeout as wait } from 'node:timers/promises';
import { createCache, type TieredCache } from '@perf/cache-core';
import { redisBus, redisStore } from '@perf/cache-redis';
import { serveActor } from '../../harness/actor.ts';
import { whenCurrent } from '../when-current.ts';
import type { ColdReads, ColdReadTimes, HerdInput, OutageInput } from './outage.ts';

function open({
  store,
  bus,
  prefix,
  storeTimeout,
  serve,
}: OutageInput): ReturnType<typeof methodsOf> {
  const cache = createCache<string>({
    ttl: '1h',
    stores: [redisStore({ url: store, prefix })],
    bus: redisBus({ url: bus, prefix }),
    storeTimeout,
    isolated: { serve },
  });
  return methodsOf(cache);
}

function methodsOf(cache: TieredCache<string>) {
  const loads = { now: 0, most: 0 };
  let herd: Promise<void> | undefined;
  const load = async ({ key }: { readonly key: string }): Promise<string> => {
    loads.most = Math.max(loads.most, ++loads.now);
    await wait(20);
    loads.now--;
    return key;
  };
  return {
    /** Until memory holds all of them. */
    hold: (keys: readonly string[]): Promise<void> =>
      whenCurrent(cache, keys, () => Promise.all(keys.map((key) => cache.getOrSet(key, load)))),
    /** Whether the store answers. */
    async healthy(): Promise<boolean> {
      return (await cache.health()).healthy;
    },
    /** Reads of keys that are nowhere. */
    async readCold({ keys, atOnce, loader }: ColdReads): Promise<ColdReadTimes> {
      const excess: number[] = [];
      const lateness: number[] = [];
      for (let from = 0; from < keys.length; from += atOnce) {
        const some = keys.slice(from, from + atOnce);
        await Promise.all([
          ...some.map(async (key) => excess.push(await timeBeyond(cache, key, loader))),
          late(loader).then((time) => lateness.push(time)),
        ]);
      }
      return { slowest: Math.max(...excess), latest: Math.max(...lateness) };
    },
    /** Readers that go on over and over the keys, which load what is missing in 20 ms. */
    startHerd({ keys, readers, duration }: HerdInput): void {
      const end = performance.now() + duration;
      loads.most = 0;
      const reader = async (number: number): Promise<void> => {
        for (let index = number; performance.now() < end; index += 7) {
          const key = keys[index % keys.length] ?? '';
          await cache.getOrSet(key, load).catch(() => undefined);
          // As a request does, which has other things to wait for too.
          await wait(1);
        }
      };
      herd = Promise.all(Array.from({ length: readers }, (_, number) => reader(number))).then(
        () => undefined,
      );
    },
    /** The most loads at once since the herd was started, when it has ended. */
    async mostLoads(): Promise<number> {
      await herd;
      return loads.most;
    },
  };
}

/** How much longer than its loader a read takes, in milliseconds. */
async function timeBeyond(
  cache: TieredCache<string>,
  key: string,
  loader: number,
): Promise<number> {
  const called = performance.now();
  let loading = 0;
  await cache.getOrSet(key, async () => {
    const started = performance.now();
    await wait(loader);
    loading = performance.now() - started;
    return key;
  });
  return performance.now() - called - loading;
}

/** How much later than asked for a timer comes: what the machine alone is to blame for. */
async function late(delay: number): Promise<number> {
  const started = performance.now();
  await wait(delay);
  return performance.now() - started - delay;
}

serveActor(open);
