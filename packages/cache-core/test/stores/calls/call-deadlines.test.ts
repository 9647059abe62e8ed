import { TimeoutError } from '@perf/core';
import { ManualClock } from '@perf/core/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { CallDeadlines } from '../../../src/stores/calls/call-deadlines.ts';

let clock: ManualClock;
let deadlines: CallDeadlines;
beforeEach(() => {
  clock = new ManualClock();
  deadlines = new CallDeadlines(clock, 'the call', 250);
});

describe('the deadlines of calls', () => {
  it('pass in the order in which the calls began, each after its time, behind one timer', () => {
    const over: [string, number][] = [];
    for (const name of ['a', 'b', 'c']) {
      deadlines.open(() => over.push([name, clock.now()]));
      clock.advance(10);
    }
    expect(clock.keepAliveTimers).toBe(1);
    clock.advance(1000);
    expect(over).toEqual([
      ['a', 250],
      ['b', 260],
      ['c', 270],
    ]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('leave no timer once all calls have ended, and none of these passes', () => {
    const over: unknown[] = [];
    const [one, other] = [deadlines.open((reason) => over.push(reason)), deadlines.open(() => 0)];
    one.end();
    expect(clock.pendingTimers).toBe(1);
    other.end();
    other.end();
    expect(clock.pendingTimers).toBe(0);
    clock.advance(1000);
    expect([over, one.isOver, one.signal.aborted]).toEqual([[], false, false]);
  });

  it('abort the signal with the error that the caller is told, also one that is asked for afterwards', () => {
    const reasons: unknown[] = [];
    const [early, late] = [0, 1].map(() => deadlines.open((reason) => reasons.push(reason)));
    const signal = early?.signal;
    expect(signal?.aborted).toBe(false);
    clock.advance(250);
    expect(reasons).toEqual([expect.any(TimeoutError), expect.any(TimeoutError)]);
    expect(signal?.reason).toBe(reasons[0]);
    expect(late?.isOver).toBe(true);
    expect(late?.signal.reason).toBe(reasons[1]);
  });

  it('begin anew within a callback', () => {
    const over: number[] = [];
    deadlines.open(() => {
      deadlines.open(() => over.push(clock.now()));
    });
    clock.advance(500);
    expect(over).toEqual([500]);
  });

  it('give way to a parent that aborts first, and leave no listener on one that does not', () => {
    const parent = new AbortController();
    const reasons: unknown[] = [];
    deadlines.open((reason) => reasons.push(reason), parent.signal).end();
    const open = deadlines.open((reason) => reasons.push(reason), parent.signal);
    parent.abort('breaker');
    expect(reasons).toEqual(['breaker']);
    expect([open.isOver, open.signal.reason, clock.pendingTimers]).toEqual([true, 'breaker', 0]);
  });
});
