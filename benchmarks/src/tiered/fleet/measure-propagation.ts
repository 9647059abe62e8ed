import type { Actor } from '../../harness/actor.ts';
import { quantile } from '../../harness/statistics.ts';
import { withFleet, type Invalidation } from './instance.ts';

const INSTANCES = 4;

/**
 * How long after an invalidation was asked for on one instance all others had stopped serving the old value
 * from memory, in milliseconds.
 * @returns the 99th percentile of as many invalidations one after the other
 */
export function measurePropagation(
  url: string,
  how: Invalidation['how'],
  count: number,
): Promise<number> {
  const addresses = Array.from({ length: INSTANCES }, () => ({ store: url, bus: url }));
  return withFleet(addresses, async ([issuer, ...others]) => {
    const keys = Array.from({ length: count }, (_, index) => `user:${index}`);
    for (const instance of [issuer as Actor, ...others]) await instance.call('hold', keys);
    const times: number[] = [];
    for (const key of keys) {
      await Promise.all(others.map((other) => other.call('watch', key)));
      const called = await (issuer as Actor).call<number>('invalidate', { how, key });
      const gone = await Promise.all(others.map((other) => other.call<number>('gone', key)));
      times.push(Math.max(...gone) - called);
    }
    return quantile(times, 0.99);
  });
}
