import { ManualClock } from '@perf/core/testing';
import { beforeEach, expect, it } from 'vitest';
import { BusLedger } from '../../src/bus/bus-ledger.ts';

let clock: ManualClock;
let ledger: BusLedger;
let bus: { trustedUntil: number };
beforeEach(() => {
  clock = new ManualClock();
  ledger = new BusLedger(clock);
  bus = { trustedUntil: 3000 };
  ledger.follow(bus);
});

it('is live for as long as the bus is trusted', async () => {
  expect([ledger.liveUntil, ledger.isolated, await ledger.prove()]).toEqual([3000, false, true]);
  clock.advance(3001);
  expect([ledger.isolated, await ledger.prove()]).toEqual([true, false]);
});

it('before it follows a bus proves nothing', async () => {
  const alone = new BusLedger(clock);
  expect([alone.liveUntil, alone.isolated, await alone.prove()]).toEqual([-Infinity, true, false]);
});

it('moves its epoch at a gap, and is live at once in the new one while the bus is trusted', () => {
  clock.advance(1000);
  ledger.onGap();
  expect([ledger.epoch, ledger.liveEpoch, ledger.lastLive]).toEqual([1, 1, 1000]);
  bus.trustedUntil = -Infinity;
  ledger.onGap();
  expect([ledger.epoch, ledger.liveEpoch]).toEqual([2, 1]);
});

it('counts its last contact from as long before a gap as that may have begun', () => {
  clock.advance(10_000);
  bus.trustedUntil = 13_000;
  ledger.onEcho();
  clock.advance(1000);
  bus.trustedUntil = -Infinity;
  ledger.onGap();
  expect(ledger.lastLive).toBe(8000);
});

it('obeys what is invalidated here, and counts it', async () => {
  const entry = { ledgerId: 'local', asOf: ledger.replica.reached, tags: ['x'] };
  expect(ledger.replica.judge('k', entry, 0)).toBe('valid');
  expect(await ledger.invalidate([{ kind: 'tag', name: 'x' }])).toBe('applied');
  expect([ledger.replica.judge('k', entry, 0), ledger.invalidations]).toEqual(['dead', 1]);
});
