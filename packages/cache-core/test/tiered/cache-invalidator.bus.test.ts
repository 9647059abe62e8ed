import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BusFleet, type BusInstance } from './bus-fleet.ts';

let fleet: BusFleet;
let one: BusInstance;
let other: BusInstance;

beforeEach(async () => {
  fleet = new BusFleet();
  [one, other] = (await fleet.settled(2)) as [BusInstance, BusInstance];
});
afterEach(() => fleet.close());

const SENT = { local: true, stores: 'applied', bus: 'sent' };

describe('an invalidation where there is a bus', () => {
  it('that came to nothing leaves nobody untold', async () => {
    const { cache } = one;
    expect(await cache.invalidateWhere(() => false)).toEqual(SENT);
    expect(await cache.invalidateTags([])).toEqual(SENT);
    expect(await cache.deleteMany([])).toEqual(SENT);
    expect(await cache.setMany([])).toEqual(SENT);
    expect(await cache.clear('expired')).toEqual(SENT);
  });

  it('of everything, since the store cannot be scanned, is told to the others', async () => {
    await one.cache.set('k', 'v');
    expect(await other.cache.get('k')).toBe('v');
    Object.assign(one.store, { keys: undefined });
    expect(await one.cache.invalidateWhere((key) => key === 'another')).toEqual(SENT);
    expect(other.cache.getLocal('k')).toBeUndefined();
  });

  it('of everything, since the scan has failed, is queued for the others too', async () => {
    one.store.fail('keys', new Error('no scan'));
    expect(await one.cache.invalidateWhere(() => false)).toEqual({
      local: true,
      stores: 'queued',
      bus: 'queued',
    });
  });
});
