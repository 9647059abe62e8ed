import { createDeferred, type Deferred } from '@perf/core';
import { settle, type ManualClock } from '@perf/core/testing';
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
let start: Deferred<void>;
let isStarted: boolean;
let attempts: number;

beforeEach(() => {
  ({ clock, store, states, errors, open } = gateWorld());
  start = createDeferred();
  isStarted = false;
  attempts = 0;
  store.starting = () => {
    if (isStarted) return undefined;
    attempts++;
    return start.promise;
  };
});

function openNetwork(): StoreGate {
  const world = gateWorld({ scope: 'network' });
  world.store.starting = () => store.starting?.();
  ({ clock, states, errors } = world);
  return world.open();
}

function started(): void {
  isStarted = true;
  start.resolve();
}

const read = (gate: StoreGate): Promise<unknown> =>
  gate.call('getMany', (call) => store.getMany(['a'], call));

describe('a store that starts', () => {
  it('is called when it has started, and what it took does not count in the time of the calls', async () => {
    const gate = open();
    const calls = [read(gate), read(gate)];
    const kept = gate.housekeep('clearExpired', async (call) => store.clearExpired?.(call));
    await clock.advanceAsync(9999);
    expect([store.calls, errors]).toEqual([[], []]);
    started();
    await Promise.all([...calls, kept]);
    expect(store.callsOf('getMany')).toHaveLength(2);
    expect([errors, states, clock.pendingTimers]).toEqual([[], [], 0]);
    store.freeze({ onAbort: 'ignore' });
    const late = Promise.allSettled([read(gate)]);
    await clock.advanceAsync(250);
    expect(await late).toMatchObject([{ reason: expect.any(StoreUnavailableError) }]);
  });

  it('is waited for no longer than ten seconds; then it is left alone, and probed', async () => {
    const gate = open();
    const ended = Promise.allSettled([read(gate), read(gate)]);
    await clock.advanceAsync(10_000);
    for (const one of await ended) {
      expect(one).toMatchObject({
        reason: { code: 'PERF_CACHE_STORE', cause: { code: 'PERF_TIMEOUT', timeout: 10_000 } },
      });
    }
    expect([errors, states]).toEqual([['getMany', 'getMany'], [false]]);
    await expect(read(gate)).rejects.toThrow(StoreUnavailableError);
    await clock.advanceAsync(100);
    started();
    await settle();
    expect(states).toEqual([false, true]);
    await read(gate);
  });

  it('is asked once however many calls wait: no failure of its start is left unhandled', async () => {
    store.starting = () => {
      attempts++;
      return Promise.reject(new Error('refused'));
    };
    const gate = open();
    const ended = await Promise.allSettled([read(gate), read(gate), read(gate)]);
    expect(ended.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(attempts).toBe(1);
  });

  it('that cannot start fails the calls with what it failed with, and is asked again later', async () => {
    const gate = open();
    const call = read(gate);
    start.reject(new Error('no memory'));
    await expect(call).rejects.toMatchObject({ cause: { message: 'no memory' } });
    expect([errors, states, attempts]).toEqual([['getMany'], [false], 1]);
    start = createDeferred();
    await clock.advanceAsync(100);
    expect(attempts).toBe(2);
    started();
    await settle();
    expect(states).toEqual([false, true]);
  });

  it('is no longer waited for when the gate is stopped, without a timer or a report', async () => {
    const gate = open();
    const call = read(gate);
    gate.stop();
    await expect(call).rejects.toThrow(StoreUnavailableError);
    expect([errors, states, clock.pendingTimers]).toEqual([[], [], 0]);
  });

  it('across the network is waited for by reads no longer than a call may take, since it began', async () => {
    const gate = openNetwork();
    const first = Promise.allSettled([read(gate)]);
    await clock.advanceAsync(200);
    const second = Promise.allSettled([read(gate)]);
    await clock.advanceAsync(50);
    for (const [ended] of [await first, await second]) {
      expect(ended).toMatchObject({ reason: { cause: { code: 'PERF_TIMEOUT' } } });
    }
    // Nobody waits any more, nor is it told again; and whoever does not only read waits on.
    const writing = gate.delete(['a']);
    await expect(read(gate)).rejects.toThrow(StoreUnavailableError);
    expect([errors, states]).toEqual([['getMany', 'getMany'], []]);
    await clock.advanceAsync(1000);
    started();
    expect(await writing).toBe('applied');
    await read(gate);
    expect(clock.pendingTimers).toBe(0);
  });

  it('across the network without success is left alone, and the writes that waited are queued', async () => {
    const gate = openNetwork();
    const writing = gate.delete(['a']);
    await clock.advanceAsync(1000);
    start.reject(new Error('no answer'));
    expect(await writing).toBe('queued');
    expect([errors, states]).toEqual([['deleteMany'], [false]]);
  });

  it('is waited for by no more than ten thousand calls', async () => {
    const gate = open();
    const calls = Array.from({ length: 10_001 }, () => read(gate));
    const ended = Promise.allSettled(calls);
    await settle();
    expect(errors).toEqual(['getMany']);
    started();
    const refused = (await ended).filter(({ status }) => status === 'rejected');
    expect(refused).toMatchObject([
      { reason: { cause: { message: 'more than 10000 calls wait already' } } },
    ]);
  });
});
