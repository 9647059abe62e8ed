import { describeInvalidationBus } from '@perf/cache-core/testing';
import { describe, it } from 'vitest';
import { redisBus, type RedisBus } from '../src/index.ts';
import { clientOf, DRIVERS } from './fixtures/drivers.ts';
import { noRedis, useRedis } from './fixtures/redis.ts';

let channels = 0;

describe.skipIf(noRedis)('redisBus on one server', () => {
  const redis = useRedis();
  for (const one of DRIVERS) {
    describeInvalidationBus(
      one.version,
      () => {
        const client = clientOf(one, redis.server);
        const nowhere = clientOf(one, { ...redis.server, port: 1 }, { retryStrategy: () => null });
        const killer = clientOf(one, redis.server, { enableOfflineQueue: true });
        const channel = `channel-${channels++}`;
        const open: RedisBus[] = [];
        const create = (name = channel, on = client): RedisBus => {
          const bus = redisBus({ client: on, channel: name });
          open.push(bus);
          return bus;
        };
        return {
          bus: create(),
          second: () => create(),
          elsewhere: () => create(`${channel}, elsewhere`),
          unreachable: () => create(channel, nowhere),
          // It connects again by itself.
          cut: async () => {
            await killer.call('client', 'kill', 'type', 'pubsub');
          },
          restore: () => undefined,
          cleanup: async () => {
            await Promise.all(open.map((bus) => bus.close()));
            client.disconnect();
            killer.disconnect();
            nowhere.disconnect();
          },
        };
      },
      { describe, it, cut: true, unreachable: true },
    );
  }
});
