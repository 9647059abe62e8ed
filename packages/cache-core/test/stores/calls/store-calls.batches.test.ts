import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { StoreCalls } from '../../../src/stores/calls/store-calls.ts';
import { gateWorld, type GateWorld } from '../gate-world.ts';

function keys(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `k${index}`);
}

function sizes(world: GateWorld, operation: 'getMany' | 'deleteMany'): readonly number[] {
  return world.store.callsOf(operation).map((call) => call.keys.length);
}

async function set(world: GateWorld, ...names: readonly string[]): Promise<void> {
  const entries = names.map((key) => ({ key, bytes: Buffer.from(key), ttl: Infinity }));
  await world.store.setMany(entries, { signal: new AbortController().signal });
}

describe('a call for many keys', () => {
  it('is one call for as many as a store takes at once, the answers in the order of the keys', async () => {
    const world = gateWorld({ scope: 'host' });
    await set(world, 'k0', 'k64', 'k129');
    const found = await world.open().getMany(keys(130));
    expect(sizes(world, 'getMany')).toEqual([64, 64, 2]);
    const there = [...found.keys()].filter((index) => found[index] !== undefined);
    expect(there).toEqual([0, 64, 129]);
  });

  it('has room for more keys where each call is a round trip, and sends all calls at once', async () => {
    const world = gateWorld({ scope: 'network' });
    const hold = world.store.hold();
    const reading = world.open().getMany(keys(1200));
    await hold.reached(3);
    expect(sizes(world, 'getMany')).toEqual([500, 500, 200]);
    hold.release();
    expect(await reading).toHaveLength(1200);
  });

  it('answers for the keys of the calls that went well', async () => {
    const world = gateWorld({ scope: 'network' });
    await set(world, 'k0', 'k600');
    world.store.fail('getMany', new Error('lost'), { key: 'k600' });
    const found = await world.open().getMany(keys(1000));
    expect([found[0] !== undefined, found[600]]).toEqual([true, undefined]);
    expect(world.errors).toEqual(['getMany']);
  });

  it('is queued as a whole when one of its calls fails', async () => {
    const world = gateWorld({ scope: 'network' });
    const gate = world.open();
    world.store.fail('deleteMany', new Error('lost'), { key: 'k600' });
    expect(await gate.delete(keys(1000))).toBe('queued');
    expect(gate.pending.size).toBe(1000);
  });

  it('is in trouble when the store has not one answer for each key', async () => {
    const world = gateWorld();
    const gate = world.open();
    expect(await gate.callMany('ticketMany', ['a', 'b'], async () => [1])).toEqual([
      undefined,
      undefined,
    ]);
    expect([world.errors, gate.available]).toEqual([['ticketMany'], false]);
  });
});

describe('a call that waits for its turn', () => {
  it('is sent when another one has ended, and its time begins then', async () => {
    const world = gateWorld({ scope: 'host' });
    const gate = world.open();
    const hold = world.store.hold({ times: 1 });
    const first = gate.getMany(keys(64));
    await hold.reached();
    const second = gate.callMany('getMany', ['x'], (some, call) => world.store.getMany(some, call));
    await world.clock.advanceAsync(200);
    hold.release();
    const next = world.store.hold();
    await first;
    await next.reached();
    await world.clock.advanceAsync(200);
    next.release();
    await second;
    expect(world.errors).toEqual([]);
  });

  it('does not ask for a key whose invalidation became pending meanwhile', async () => {
    const world = gateWorld({ scope: 'host' });
    const gate = world.open({ execute: (fn) => Promise.resolve(fn({ signal: NEVER })) });
    const hold = world.store.hold({ operation: 'getMany', times: 1 });
    const first = gate.callMany('getMany', keys(64), (some, call) =>
      world.store.getMany(some, call),
    );
    await hold.reached();
    const second = gate.askMany(
      'getMany',
      ['a', 'b'],
      (key) => key,
      (some, call) => world.store.getMany(some, call),
    );
    gate.pending.add({ kind: 'keys', keys: ['a'] });
    hold.release();
    await Promise.all([first, second]);
    expect(world.store.callsOf('getMany')[1]?.keys).toEqual(['b']);
  });

  it('is given up when the store is left alone, without an error of its own', async () => {
    const world = gateWorld({ scope: 'host' });
    const gate = world.open();
    const hold = world.store.hold({ operation: 'getMany', times: 1 });
    const first = gate.getMany(keys(64));
    await hold.reached();
    const waiting = gate.delete(['a']);
    await world.clock.advanceAsync(250);
    expect(await waiting).toBe('queued');
    await first;
    expect(world.errors).toEqual(['getMany']);
  });

  it('is given up after ten store timeouts, which does not count against the store', async () => {
    const world = gateWorld({ scope: 'host' });
    const gate = world.open({ execute: (fn) => Promise.resolve(fn({ signal: NEVER })) });
    const stuck = Array.from({ length: 12 }, () =>
      gate.callMany('getMany', keys(64), (some, call) => world.store.getMany(some, call)),
    );
    world.store.freeze({ onAbort: 'ignore' });
    const late = gate.delete(['a']);
    await world.clock.advanceAsync(2499);
    expect(world.errors.filter((operation) => operation === 'deleteMany')).toEqual([]);
    await world.clock.advanceAsync(1);
    expect(await late).toBe('queued');
    expect(world.errors.filter((operation) => operation === 'deleteMany')).toEqual(['deleteMany']);
    gate.stop();
    await world.clock.advanceAsync(1000);
    await Promise.all(stuck);
  });

  it('is refused at once when too many wait', async () => {
    const world = gateWorld({ scope: 'host' });
    const gate = world.open();
    const hold = world.store.hold({ operation: 'getMany', times: 1 });
    const first = gate.getMany(keys(64));
    await hold.reached();
    // Of single keys one call would be made.
    const waiting = Promise.all(keys(10_000).map((key) => gate.delete([key, `${key}'`])));
    expect(await gate.delete(['one', 'more'])).toBe('queued');
    expect([gate.available, world.errors]).toEqual([true, ['deleteMany']]);
    gate.stop();
    hold.release();
    await first;
    expect(new Set(await waiting)).toEqual(new Set(['queued']));
  });
});

describe('a store that blocks', () => {
  /** How many keys its calls had concerned at the end of each turn of the event loop. */
  async function turns(
    count: number,
    milliseconds: number,
    send: (calls: StoreCalls, block: Block) => Promise<unknown>,
  ): Promise<readonly number[]> {
    const { clock, store } = gateWorld();
    const calls = new StoreCalls(
      { ...store, capabilities: { ...store.capabilities, scope: 'host', blocking: true } },
      {
        clock,
        timeout: 250,
        policy: undefined,
        onError: () => undefined,
        onStateChange: () => undefined,
      },
    );
    let sent = 0;
    let turn = setImmediate();
    const all = send(calls, async (some) => {
      sent += some.length;
      clock.advance(milliseconds);
      return some;
    });
    const seen: number[] = [];
    for (let left = count; left > 0; left--) {
      await turn;
      turn = setImmediate();
      seen.push(sent);
    }
    await all;
    return seen;
  }

  it('gives the event loop a turn when its calls have taken four milliseconds of one', async () => {
    const seen = await turns(3, 1.5, (calls, block) =>
      Promise.all(keys(8).map((key) => calls.call('getMany', () => block([key])))),
    );
    expect(seen).toEqual([3, 6, 8]);
  });

  it('gives it a turn also behind every 64 keys, each of which is more work elsewhere', async () => {
    const seen = await turns(3, 0, (calls, block) => calls.callMany('getMany', keys(150), block));
    expect(seen).toEqual([64, 128, 150]);
  });
});

type Block = (some: readonly string[]) => Promise<readonly string[]>;
const NEVER = new AbortController().signal;
