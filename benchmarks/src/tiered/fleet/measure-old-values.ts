import { setTimeout as wait } from 'node:timers/promises';
import { startProxy, type FaultProxy, type RedisServer } from '@perf/test-servers';
import type { Actor } from '../../harness/actor.ts';
import { withFleet, type Invalidation, type OldReads } from './instance.ts';

/** What happens to an instance's connections for five seconds. */
export type LinkFault = 'bus cut' | 'bus black hole' | 'black hole';

const FAULTS: Record<LinkFault, (bus: FaultProxy, store: FaultProxy) => void | Promise<void>> = {
  'bus cut': (bus) => bus.cut({ refuse: true }),
  'bus black hole': (bus) => {
    bus.blackHole();
  },
  'black hole': (bus, store) => {
    bus.blackHole();
    store.blackHole();
  },
};

const KEYS = 200;
/** In milliseconds. */
const FAULT = 5000;
const AFTERWARDS = 4000;

/**
 * How many old values two instances serve in the four seconds after a fault of five, during which a third
 * invalidated everything. Where the store was out of reach as well: from when it is in reach again.
 */
export async function measureOldValues(fault: LinkFault, redis: RedisServer): Promise<number> {
  await using bus = await startProxy({ target: redis });
  await using store = await startProxy({ target: redis });
  const behind = { store: String(store.url), bus: String(bus.url) };
  return await withFleet(
    [{ store: redis.url, bus: redis.url }, behind, behind],
    async ([issuer, ...others]) => {
      const keys = Array.from({ length: KEYS }, (_, index) => `user:${index}`);
      for (const instance of [issuer as Actor, ...others]) await instance.call('hold', keys);
      await FAULTS[fault](bus, store);
      const healed = wait(FAULT);
      // A service reads all the time; the store is known to be out of reach before it is back.
      const looks = Promise.all(others.map((other) => other.call('look', 'absent')));
      await wait(500);
      for (const [index, key] of keys.entries()) {
        const how: Invalidation['how'] = index % 2 === 0 ? 'delete' : 'tag';
        await (issuer as Actor).call('invalidate', { how, key });
      }
      await Promise.all([healed, looks]);
      await Promise.all([bus.resume(), store.resume()]);
      const reads: OldReads = {
        keys,
        duration: AFTERWARDS,
        // Memory serves in isolation as long as the options say: that ends with the first contact.
        onceHealthy: fault === 'black hole',
      };
      const counts = await Promise.all(
        others.map((other) => other.call<number>('countOld', reads)),
      );
      return counts.reduce((sum, count) => sum + count, 0);
    },
  );
}
