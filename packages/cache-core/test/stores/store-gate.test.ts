import { settle, type ManualClock } from '@perf/core/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Invalidation } from '../../src/stores/invalidations/pending-invalidations.ts';
import type { StoreGate } from '../../src/stores/store-gate.ts';
import type { ControllableStore } from '../../src/testing.ts';
import { gateWorld, type GateWorld } from './gate-world.ts';

let clock: ManualClock;
let store: ControllableStore;
let replayed: readonly Invalidation[];
let open: GateWorld['open'];
let breakStore: GateWorld['breakStore'];

beforeEach(() => {
  ({ clock, store, replayed, open, breakStore } = gateWorld());
});

const remove = (gate: StoreGate, key: string): Promise<'applied' | 'queued'> => gate.delete([key]);

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

  it('is not answered with by a read that was sent before it became pending', async () => {
    const gate = open();
    const { signal } = new AbortController();
    await store.setMany([{ key: 'a', bytes: Buffer.from('old'), ttl: 1000 }], { signal });
    const hold = store.hold({ operation: 'getMany' });
    const both = gate.getMany(['a', 'b']);
    await hold.reached();
    gate.forget(['a']);
    hold.release();
    expect(await both).toEqual([undefined, undefined]);
    expect((await gate.getMany(['a']))[0]).toBeUndefined();
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

  it('is tried again and again, at a growing pace', async () => {
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
    await clock.advanceAsync(100);
    expect(await remove(gate, 'c')).toBe('queued');
    await clock.advanceAsync(200);
    expect(await remove(gate, 'd')).toBe('applied');
    expect(store.callsOf('deleteMany').map(({ keys }) => keys)).toEqual([
      ['a'],
      ['a', 'b'],
      ['a', 'b', 'c'],
      ['d'],
    ]);
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
