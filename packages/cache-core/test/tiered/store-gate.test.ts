import { createDeferred, type Policy } from '@perf/core';
import { ManualClock, settle } from '@perf/core/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { StoreUnavailableError } from '../../src/index.ts';
import {
  controllableStore,
  createReferenceBackend,
  referenceStore,
  type ControllableStore,
} from '../../src/testing.ts';
import type { Invalidation } from '../../src/tiered/pending-invalidations.ts';
import { StoreGate } from '../../src/tiered/store-gate.ts';

let clock: ManualClock;
let store: ControllableStore;
let states: boolean[];
let errors: string[];
let replayed: Invalidation[];

beforeEach(() => {
  clock = new ManualClock();
  store = controllableStore(referenceStore({ backend: createReferenceBackend({ clock }) }));
  states = [];
  errors = [];
  replayed = [];
});

function open(policy?: Policy): StoreGate {
  return new StoreGate(store, {
    clock,
    timeout: 250,
    policy,
    async replay(gate, invalidation) {
      replayed.push(invalidation);
      const keys = invalidation.kind === 'keys' ? invalidation.keys : [];
      await gate.call('deleteMany', (call) => store.deleteMany(keys, call));
    },
    onError: (operation) => errors.push(operation),
    onStateChange: (available) => states.push(available),
  });
}

const read = (gate: StoreGate): Promise<unknown> =>
  gate.call('getMany', (call) => store.getMany(['a'], call));
const remove = (gate: StoreGate, key: string): Promise<'applied' | 'queued'> =>
  gate.apply('deleteMany', { kind: 'keys', keys: [key] }, async (call) => {
    await store.deleteMany([key], call);
  });

/** Makes the next calls fail until {@link ControllableStore.heal}. */
function breakStore(): void {
  store.fail(undefined, new Error('down'), { times: Infinity });
  store.fail('health', new Error('down'), { times: Infinity });
}

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

describe('a write that does not get through', () => {
  it('is queued, and its keys are not read until it has been replayed', async () => {
    const gate = open();
    breakStore();
    expect(await remove(gate, 'a')).toBe('queued');
    store.heal();
    const hold = store.hold({ operation: 'deleteMany' });
    await clock.advanceAsync(100);
    expect(await gate.getMany(['a', 'b'])).toEqual([undefined, undefined]);
    await hold.reached();
    expect(store.callsOf('getMany').map(({ keys }) => keys)).toEqual([['b']]);
    hold.release();
    await settle();
    expect(gate.pending.size).toBe(0);
    await gate.getMany(['a', 'b']);
    expect(store.callsOf('getMany')[1]?.keys).toEqual(['a', 'b']);
  });

  it('makes later writes wait behind it, whatever their keys', async () => {
    const gate = open();
    breakStore();
    await remove(gate, 'a');
    expect(await remove(gate, 'b')).toBe('queued');
    store.heal();
    store.forgetCalls();
    await clock.advanceAsync(100);
    expect(await remove(gate, 'c')).toBe('applied');
    expect(store.callsOf('deleteMany').map(({ keys }) => keys)).toEqual([['a', 'b'], ['c']]);
  });

  it('is replayed when the store is back although nobody calls', async () => {
    const gate = open();
    breakStore();
    await remove(gate, 'a');
    store.heal();
    await clock.advanceAsync(100);
    expect(replayed).toEqual([{ kind: 'keys', keys: ['a'] }]);
    expect(gate.pending.size).toBe(0);
    expect(clock.pendingTimers).toBe(0);
  });

  it('is tried again and again, at the pace of the cool-off', async () => {
    const gate = open();
    store.fail('deleteMany', new Error('busy'), { times: 4 });
    await remove(gate, 'a');
    await clock.advanceAsync(100 + 200 + 400);
    expect(replayed).toHaveLength(3);
    expect(gate.pending.size).toBe(1);
    await clock.advanceAsync(800);
    expect(gate.pending.size).toBe(0);
  });

  it('is replayed by the policy as well, without a pause of the gate', async () => {
    const gate = open({ execute: async (fn) => fn({ signal: new AbortController().signal }) });
    store.fail('deleteMany', new Error('once'));
    expect(await remove(gate, 'a')).toBe('queued');
    await clock.advanceAsync(1000);
    expect(gate.pending.size).toBe(0);
  });

  it('is never overtaken, although a policy would let the next write pass', async () => {
    const gate = open({ execute: async (fn) => fn({ signal: new AbortController().signal }) });
    store.fail('deleteMany', new Error('twice'), { times: 2 });
    expect(await remove(gate, 'a')).toBe('queued');
    expect(await remove(gate, 'b')).toBe('queued');
    expect(store.callsOf('deleteMany').map(({ keys }) => keys)).toEqual([['a'], ['a']]);
    expect(await remove(gate, 'c')).toBe('applied');
    expect(
      store
        .callsOf('deleteMany')
        .map(({ keys }) => keys)
        .slice(2),
    ).toEqual([['a', 'b'], ['c']]);
  });

  it('leaves no timer once the gate is stopped', async () => {
    const gate = open();
    breakStore();
    await remove(gate, 'a');
    expect(clock.pendingTimers).toBe(1);
    gate.stop();
    expect(clock.pendingTimers).toBe(0);
    await remove(gate, 'b');
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
