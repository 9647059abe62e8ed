import type { Actor } from '../../harness/actor.ts';
import { withFleet, type Failures, type Loads } from './instance.ts';

/** In milliseconds. */
const LOAD = 50;
const LEAD = 100;

/**
 * How many loads 1,000 callers of an absent key bring about, spread over the instances.
 * @returns the most for any of the keys
 */
export function measureLoads(url: string, instances: number, keys: number): Promise<number> {
  const addresses = Array.from({ length: instances }, () => ({ store: url, bus: url }));
  return withFleet(addresses, async (fleet) => {
    await Promise.all(fleet.map((instance) => instance.call('hold', ['ready'])));
    let most = 0;
    for (let index = 0; index < keys; index++) {
      const at = Number(process.hrtime.bigint()) / 1e6 + LEAD;
      const loads: Loads = {
        key: `cold:${index}`,
        callers: 1000 / instances,
        at,
        duration: LOAD,
      };
      const counts = await Promise.all(fleet.map((one: Actor) => one.call<number>('load', loads)));
      most = Math.max(
        most,
        counts.reduce((sum, count) => sum + count, 0),
      );
    }
    return most;
  });
}

/** What comes of 100 callers at once of a loader that fails, in one instance. */
export function measureFailures(url: string): Promise<Failures> {
  return withFleet([{ store: url, bus: url }], async ([instance]) => {
    await (instance as Actor).call('hold', ['ready']);
    return (instance as Actor).call<Failures>('fail', 100);
  });
}
