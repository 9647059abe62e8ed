/** A process that takes as much as a limiter admits, for a while; its arguments are its order, as JSON. */
import { setImmediate } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { redisRateLimiter } from '../../../src/redis.ts';
import type { TakerOrder, TakerReport } from '../takers.ts';

const order = JSON.parse(process.argv[2] ?? '') as TakerOrder;
const client = new Redis(order.url);
const limiter = redisRateLimiter({
  client,
  deadline: '5s',
  ...order.options,
});

/** Milliseconds of the clock that all processes of this host share. */
function sharedNow(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

const times: number[] = [];
await limiter.check('k');
process.send?.('ready');
await new Promise((resolve) => {
  process.once('message', resolve);
});
const end = sharedNow() + order.duration;
while (sharedNow() < end) {
  const before = sharedNow();
  const decisions = await Promise.all(
    Array.from({ length: order.together }, () => limiter.take('k', { timeout: 0 })),
  );
  for (const { admitted } of decisions) if (admitted) times.push(before);
  await setImmediate();
}
const { steps, withoutRedis } = limiter.snapshot();
process.send?.({ times, steps, withoutRedis } satisfies TakerReport, () => {
  process.exit();
});
