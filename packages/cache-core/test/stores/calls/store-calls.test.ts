import { createDeferred } from '@perf/core';
import type { ManualClock } from '@perf/core/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { StoreUnavailableError } from '../../../src/index.ts';
import type { StoreGate } from '../../../src/stores/store-gate.ts';
import type { ControllableStore } from '../../../src/testing.ts';
import { gateWorld, type GateWorld } from '../gate-world.ts';

let clock: ManualClock;
let store: ControllableStore;
let states: readonly boolean[];
let errors: readonly string[];
let open: GateWorld['open'];
let breakStore: GateWorld['breakStore'];

beforeEach(() => {
  ({ clock, store, states, errors, open, breakStore } = gateWorld());
});

const read = (gate: StoreGate): Promise<unknown> =>
  gate.call('getMany', (call) => store.getMany(['a'], call));

describe('the deadline of a store call', () => {
  it('rejects although the store ignores its signal, and leaves no timer', async () => {
    const gate = open();
    store.freeze({ onAbort: 'ignore' });
    const ended = Promise.allSettled([read(gate)]);
    await clock.advanceAsync(249);
    expect(errors).toEqual([]);
    await clock.advanceAsync(1);
    expect(await ended).toMatchObject([{ reason: expect.any(StoreUnavailableError) }]);
    gate.stop();
    expect(clock.pendingTimers).toBe(0);
  });

  it('is released as soon as the store has answered', async () => {
    await read(open());
    expect(clock.pendingTimers).toBe(0);
  });

  it('gives up nothing that has arrived while the event loop stood still', async () => {
    const gate = open();
    const hold = store.hold({ operation: 'getMany', when: 'after' });
    const reading = read(gate);
    await hold.reached();
    // Timers run before anything is read from a socket.
    const now = clock.now.bind(clock);
    clock.now = () => now() + 300;
    clock.advance(250);
    hold.release();
    expect(await reading).toEqual([undefined]);
    expect([errors, states, gate.available]).toEqual([[], [], true]);
  });
});

describe('the cool-off', () => {
  it('sends nothing after a failure until the store has answered a probe in the background', async () => {
    const gate = open();
    breakStore();
    await expect(read(gate)).rejects.toThrow('failed at getMany');
    await expect(read(gate)).rejects.toThrow(StoreUnavailableError);
    expect(store.calls).toHaveLength(1);
    store.heal();
    await clock.advanceAsync(99);
    expect(gate.available).toBe(false);
    await clock.advanceAsync(1);
    expect(store.callsOf('health')).toHaveLength(1);
    await read(gate);
    expect(states).toEqual([false, true]);
  });

  it('makes nobody wait for a probe, which has the time of a call', async () => {
    const gate = open();
    store.freeze({ onAbort: 'ignore' });
    const ended = Promise.allSettled([read(gate)]);
    await clock.advanceAsync(250 + 100);
    await ended;
    await expect(read(gate)).rejects.toThrow(StoreUnavailableError);
    await clock.advanceAsync(250 + 200);
    expect(store.callsOf('health')).toHaveLength(2);
    expect(gate.available).toBe(false);
  });

  it('doubles the pause with each failed probe, up to 30 seconds', async () => {
    const gate = open();
    breakStore();
    await expect(read(gate)).rejects.toThrow(StoreUnavailableError);
    const times: number[] = [];
    for (let second = 0; second < 150; second += 0.1) {
      await clock.advanceAsync(100);
      const probes = store.callsOf('health').length;
      if (probes > times.length) times.push(Math.round(clock.now()));
    }
    const pauses = times.map((time, index) => time - (times[index - 1] ?? 0));
    expect(pauses.slice(0, 11)).toEqual([
      100, 200, 400, 800, 1600, 3200, 6400, 12_800, 25_600, 30_000, 30_000,
    ]);
  });

  it('grows when the trouble comes back at once, and begins anew after it has gone well for longer', async () => {
    const gate = open();
    const failOnce = async (): Promise<void> => {
      store.fail('getMany', new Error('busy'));
      await read(gate).catch(() => undefined);
    };
    await failOnce();
    await clock.advanceAsync(100);
    expect(gate.available).toBe(true);
    await failOnce();
    await clock.advanceAsync(199);
    expect(gate.available).toBe(false);
    await clock.advanceAsync(1);
    expect(gate.available).toBe(true);
    await clock.advanceAsync(1000);
    await failOnce();
    await clock.advanceAsync(100);
    expect(gate.available).toBe(true);
  });

  it('grows when each probe is answered and each call after it is not', async () => {
    const gate = open();
    const pauses: number[] = [];
    store.hold({ operation: 'getMany', times: Infinity });
    for (let times = 0; times < 10; times++) {
      const ended = Promise.allSettled([read(gate)]);
      await clock.advanceAsync(250);
      await ended;
      const failedAt = clock.now();
      while (!gate.available) await clock.advanceAsync(50);
      pauses.push(clock.now() - failedAt);
    }
    expect(pauses).toEqual([100, 200, 400, 800, 1600, 3200, 6400, 12_800, 25_600, 30_000]);
  });

  it('is over at most 30 seconds after the last failure, however often there was trouble before', async () => {
    const gate = open();
    const failOnce = async (): Promise<number> => {
      store.fail('getMany', new Error('busy'));
      await read(gate).catch(() => undefined);
      const failedAt = clock.now();
      while (!gate.available) await clock.advanceAsync(50);
      return clock.now() - failedAt;
    };
    let longest = 0;
    for (let times = 0; times < 20; times++) longest = Math.max(longest, await failOnce());
    expect(longest).toBe(30_000);
    // After a second and a call it is as if there had been none, not after another half a minute.
    await clock.advanceAsync(1000 + 251);
    expect(await failOnce()).toBe(100);
  });

  it('counts calls that fail together once', async () => {
    const gate = open();
    breakStore();
    await Promise.allSettled([read(gate), read(gate), read(gate)]);
    expect(states).toEqual([false]);
    store.heal();
    await clock.advanceAsync(100);
    expect(states).toEqual([false, true]);
  });

  it('is not begun by housekeeping that fails', async () => {
    const gate = open();
    store.fail('clearExpired', new Error('slow'));
    await gate.housekeep('clearExpired', async (call) => store.clearExpired?.(call));
    expect(errors).toEqual(['clearExpired']);
    expect(gate.available).toBe(true);
  });

  it('gives way to the policy of the user', async () => {
    let executions = 0;
    const gate = open({
      execute: async (fn) => {
        executions++;
        return fn({ signal: new AbortController().signal });
      },
    });
    breakStore();
    for (let round = 0; round < 3; round++) await read(gate).catch(() => undefined);
    expect(executions).toBe(3);
    expect(store.calls).toHaveLength(3);
    expect(gate.available).toBe(true);
  });

  it("passes the policy's own signal on to the store", async () => {
    const controller = new AbortController();
    const gate = open({ execute: async (fn) => fn({ signal: controller.signal }) });
    store.freeze();
    const reading = read(gate);
    controller.abort(new Error('breaker'));
    await expect(reading).rejects.toThrow(StoreUnavailableError);
    expect(clock.pendingTimers).toBe(0);
  });
});

describe('a walk over the keys', () => {
  async function* endless(): AsyncGenerator<number> {
    for (let page = 1; ; page++) yield page;
  }

  it('ends a scan that hangs at the deadline of its page and does not wait for its end', async () => {
    const gate = open();
    const never = createDeferred();
    let ended = false;
    async function* hanging(): AsyncGenerator<number> {
      try {
        yield 1;
        await never.promise;
      } finally {
        ended = true;
      }
    }
    const seen: number[] = [];
    const walking = gate.walk(hanging, async (page) => {
      seen.push(page);
    });
    const end = Promise.allSettled([walking]);
    await clock.advanceAsync(250);
    expect(await end).toMatchObject([{ reason: expect.any(StoreUnavailableError) }]);
    expect(seen).toEqual([1]);
    expect(ended).toBe(false);
    never.resolve();
  });

  it('stops the scan when a visit fails, with its error', async () => {
    const gate = open();
    const walking = gate.walk(endless, async (page) => {
      if (page === 3) throw new Error('enough');
    });
    await expect(walking).rejects.toThrow('enough');
  });
});
