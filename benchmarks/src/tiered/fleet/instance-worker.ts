import { setTimeout as wait } from 'node:timers/promises';
import { createCache, type TieredCache } from '@perf/cache-core';
import { redisBus, redisStore } from '@perf/cache-redis';
import { serveActor } from '../../harness/actor.ts';
import { whenCurrent } from '../when-current.ts';
import type { Failures, InstanceInput, Invalidation, Loads, OldReads } from './instance.ts';

/** What is stored before an invalidation. */
const OLD = 'old';

function open({ store, bus, prefix }: InstanceInput): ReturnType<typeof methodsOf> {
  const cache = createCache<string>({
    ttl: '1h',
    // What else runs on the machine must not count as trouble: memory would serve in isolation.
    storeTimeout: '2s',
    stores: [redisStore({ url: store, prefix })],
    bus: redisBus({ url: bus, prefix }),
  });
  return methodsOf(cache);
}

function methodsOf(cache: TieredCache<string>) {
  const gone = new Map<string, Promise<number>>();
  return {
    /** Until memory holds all of them. */
    async hold(keys: readonly string[]): Promise<void> {
      await whenCurrent(cache, keys, () =>
        Promise.all(keys.map((key) => cache.getOrSet(key, () => OLD, { tags: [tagOf(key)] }))),
      );
    },
    /** Looks from now on, every millisecond, whether memory still serves the key. */
    watch(key: string): void {
      gone.set(key, watchUntilGone(cache, key));
    },
    /** When memory had stopped serving a key that is watched. */
    async gone(key: string): Promise<number> {
      const time = await gone.get(key);
      gone.delete(key);
      return time ?? Number.NaN;
    },
    /** When it was asked for. */
    async invalidate({ how, key }: Invalidation): Promise<number> {
      const called = sharedNow();
      const { stores } = await (how === 'delete'
        ? cache.delete(key)
        : cache.invalidateTags([tagOf(key)]));
      if (stores !== 'applied') throw new Error(`the invalidation of ${key} was ${stores}`);
      return called;
    },
    /** Reads a key that memory does not have: trouble of the store is noticed by that. */
    async look(key: string): Promise<void> {
      await cache.get(key);
    },
    /** How many reads in the time give the old value, over and over through the keys. */
    async countOld({ keys, duration, onceHealthy }: OldReads): Promise<number> {
      if (onceHealthy) await untilHealthy(cache);
      const end = sharedNow() + duration;
      let old = 0;
      while (sharedNow() < end) {
        for (const key of keys) if (cache.getLocal(key) === OLD) old++;
        const values = await cache.getMany(keys);
        for (const key of keys) if (values.get(key) === OLD) old++;
        await wait(5);
      }
      return old;
    },
    /** How many loads as many callers at once bring about. */
    async load({ key, callers, at, duration }: Loads): Promise<number> {
      let loads = 0;
      await wait(Math.max(0, at - sharedNow()));
      const load = async (): Promise<string> => {
        loads++;
        await wait(duration);
        return OLD;
      };
      const values = await Promise.all(
        Array.from({ length: callers }, () => cache.getOrSet(key, load)),
      );
      if (values.some((value) => value !== OLD)) throw new Error('a caller got something else');
      return loads;
    },
    /** What comes of callers at once of a loader that fails. */
    async fail(callers: number): Promise<Failures> {
      let loads = 0;
      const load = async (): Promise<string> => {
        loads++;
        await wait(20);
        throw new Error('the database is down');
      };
      const settled = await Promise.allSettled(
        Array.from({ length: callers }, () => cache.getOrSet('failing', load)),
      );
      return { loads, rejections: settled.filter(({ status }) => status === 'rejected').length };
    },
  };
}

async function untilHealthy(cache: TieredCache<string>): Promise<void> {
  for (;;) {
    const { healthy, stores } = await cache.health();
    // One that answers may still be left alone until its next probe.
    if (healthy && stores.every(({ available }) => available)) return;
    await wait(20);
  }
}

async function watchUntilGone(cache: TieredCache<string>, key: string): Promise<number> {
  while (cache.getLocal(key) === OLD) await wait(1);
  return sharedNow();
}

function tagOf(key: string): string {
  return `tag of ${key}`;
}

/** Milliseconds of the clock that all processes of this host share. */
function sharedNow(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

serveActor(open);
