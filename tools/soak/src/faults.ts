import { setTimeout as wait } from 'node:timers/promises';
import type { FaultProxy, RedisServer } from '@perf/test-servers';

/** What can go wrong between a service and its Redis. */
export interface Links {
  readonly redis: RedisServer;
  readonly store: FaultProxy;
  readonly bus: FaultProxy;
}

/** Something that goes wrong for a few seconds; over when it resolves. */
export interface Fault {
  readonly name: string;
  readonly run: (links: Links) => Promise<void>;
}

/** One after the other, over and over. */
export const FAULTS: readonly Fault[] = [
  {
    name: 'bus cut',
    async run({ bus }) {
      await bus.cut({ refuse: true });
      await wait(2000);
      await bus.resume();
    },
  },
  {
    name: 'store cut',
    run: async ({ store }) => store.cut(),
  },
  {
    name: 'black hole',
    async run({ store, bus }) {
      store.blackHole();
      bus.blackHole();
      await wait(4000);
      await Promise.all([store.resume(), bus.resume()]);
    },
  },
  {
    name: 'slow network',
    async run({ store }) {
      store.delay(100);
      await wait(3000);
      store.delay(0);
    },
  },
  {
    name: 'Redis frozen',
    async run({ redis }) {
      await redis.freeze();
      await wait(1500);
      await redis.thaw();
    },
  },
  {
    name: 'Redis back empty',
    run: ({ redis }) => redis.restart({ keepData: false }),
  },
];
