import { setImmediate } from 'node:timers/promises';
import { ManualClock } from '@perf/core/testing';
import { describe, expect, it } from 'vitest';
import { CallQueue } from '../../../src/stores/calls/call-queue.ts';

const open = (): CallQueue =>
  new CallQueue({ clock: new ManualClock(), capacity: 10, maxWaiting: 10, maxWait: 1000 });

describe('what calls take of a turn of the event loop', () => {
  it('lets the next one wait for the next turn once it is all they may', async () => {
    const queue = open();
    queue.spend(0.5);
    expect(queue.tryEnter(1)).toBe(true);
    queue.spend(0.5);
    expect(queue.tryEnter(1)).toBe(false);
    const order: string[] = [];
    const waiting = queue.enter(1).then(() => order.push('call'));
    await Promise.resolve().then(() => order.push('this turn'));
    await waiting;
    expect(order).toEqual(['this turn', 'call']);
  });

  it('does not add up over turns', async () => {
    const queue = open();
    for (let turn = 0; turn < 5; turn++) {
      queue.spend(0.6);
      expect(queue.tryEnter(1)).toBe(true);
      queue.leave(1);
      await setImmediate();
    }
  });
});
