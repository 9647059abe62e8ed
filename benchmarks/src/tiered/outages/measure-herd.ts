import { setTimeout as wait } from 'node:timers/promises';
import { startProxy, startRedis, type FaultProxy, type RedisServer } from '@perf/test-servers';
import { withActors, type Actor } from '../../harness/actor.ts';
import { INSTANCE, type HerdInput, type OutageInput } from './outage.ts';

/** What happens while 500 readers go over 2,000 entries in memory. */
export type HerdFault = 'bus gap' | 'loss of Redis' | 'Redis back empty';

const FAULTS: Record<HerdFault, (redis: RedisServer, bus: FaultProxy) => void | Promise<void>> = {
  'bus gap': (_, bus) => bus.cut(),
  'loss of Redis': (redis) => redis.kill(),
  'Redis back empty': (redis) => redis.restart({ keepData: false }),
};

const KEYS = 2000;
const READERS = 500;
/** In milliseconds. */
const BEFORE = 300;
const AFTER = 1000;

/**
 * The most loads at once in the second after the fault, in one instance that may load 64 at once. Memory
 * does not serve in isolation: otherwise nothing would be loaded at all.
 */
export async function measureHerd(fault: HerdFault): Promise<number> {
  await using redis = await startRedis();
  await using bus = await startProxy({ target: redis });
  const input: OutageInput = {
    store: redis.url,
    bus: String(bus.url),
    prefix: 'herd',
    // Long enough for a busy machine: what is lost here refuses connections at once.
    storeTimeout: 2000,
    serve: 0,
  };
  return await withActors(INSTANCE, [input], async ([actor]) => {
    const instance = actor as Actor;
    const keys = Array.from({ length: KEYS }, (_, index) => `user:${index}`);
    await instance.call('hold', keys);
    const herd: HerdInput = { keys, readers: READERS, duration: BEFORE + AFTER };
    await instance.call('startHerd', herd);
    await wait(BEFORE);
    await FAULTS[fault](redis, bus);
    return instance.call<number>('mostLoads');
  });
}
