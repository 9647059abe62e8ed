import { setTimeout as wait } from 'node:timers/promises';
import type { TieredCache } from '@perf/cache-core';

/**
 * Until memory holds all of the keys and serves them without asking anybody: the bus is heard, and has
 * found nothing missing since they were read.
 * @param read brings them into memory
 */
export async function whenCurrent<V>(
  cache: TieredCache<V>,
  keys: readonly string[],
  read: () => Promise<unknown>,
): Promise<void> {
  const deadline = performance.now() + 30_000;
  while (performance.now() < deadline) {
    const { bus } = await cache.health();
    if (bus?.connected !== false) {
      await read();
      // A gap that has been noticed by now has taken its effect.
      await wait(100);
      if (keys.every((key) => cache.getLocal(key) !== undefined)) return;
    }
    await wait(20);
  }
  const health = JSON.stringify(await cache.health());
  throw new Error(`memory did not become current within 30 s: ${health}`);
}
