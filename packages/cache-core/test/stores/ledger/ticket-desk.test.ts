import { settle, type ManualClock } from '@perf/core/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import type { StoreFencing } from '../../../src/index.ts';
import { TicketDesk } from '../../../src/stores/ledger/ticket-desk.ts';
import { gateWorld } from '../gate-world.ts';

let clock: ManualClock;
let desk: TicketDesk;
beforeEach(() => {
  const world = gateWorld();
  ({ clock } = world);
  desk = new TicketDesk(world.open(), world.store.fencing as StoreFencing, clock);
});

/** Whether the wait is over. */
async function isOver(waiting: Promise<void>): Promise<boolean> {
  let over = false;
  void waiting.then(
    () => (over = true),
    () => (over = true),
  );
  await settle();
  return over;
}

const { signal } = new AbortController();

describe('who waits for the ticket of somebody else', () => {
  it('is woken when the load under it is said to be over, and no one else', async () => {
    const waits = [desk.wait('t', 100, signal), desk.wait('t', 100, signal)];
    const another = desk.wait('u', 100, signal);
    desk.ended(['unknown', 't']);
    expect(await Promise.all(waits.map(isOver))).toEqual([true, true]);
    expect(await isOver(another)).toBe(false);
    desk.ended(['u']);
    expect([await isOver(another), clock.pendingTimers]).toEqual([true, 0]);
  });

  it('goes on by itself after the pause, for the message may be lost', async () => {
    const waiting = desk.wait('t', 100, signal);
    await clock.advanceAsync(99);
    expect(await isOver(waiting)).toBe(false);
    await clock.advanceAsync(1);
    expect(await isOver(waiting)).toBe(true);
    desk.ended(['t']);
  });

  it('stops when it is given up, with the reason', async () => {
    const controller = new AbortController();
    const waiting = desk.wait('t', 100, controller.signal);
    const reason = new Error('closed');
    controller.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    expect(clock.pendingTimers).toBe(0);
  });
});
