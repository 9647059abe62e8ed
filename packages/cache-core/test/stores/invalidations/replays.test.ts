import { ManualClock, settle } from '@perf/core/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { StoreUnavailableError } from '../../../src/index.ts';
import type { Invalidation } from '../../../src/stores/invalidations/pending-invalidations.ts';
import { StoreGate } from '../../../src/stores/store-gate.ts';
import {
  controllableStore,
  createReferenceBackend,
  referenceStore,
  type ControllableStore,
} from '../../../src/testing.ts';

const undecided = {
  execute: async <T>(fn: (attempt: { signal: AbortSignal }) => Promise<T>): Promise<T> =>
    fn({ signal: new AbortController().signal }),
};

let clock: ManualClock;
let written: Invalidation[];
let again: Invalidation[];
beforeEach(() => {
  clock = new ManualClock();
  written = [];
  again = [];
});

interface World {
  readonly gate: StoreGate;
  readonly store: ControllableStore;
}

function open(severs?: boolean, policy?: typeof undecided): World {
  const inner = referenceStore({ backend: createReferenceBackend({ clock }) });
  const store = controllableStore(inner, severs === undefined ? {} : { severs });
  const gate = new StoreGate(store, {
    clock,
    timeout: 250,
    policy,
    isAuthority: true,
    onAgain: (invalidation) => again.push(invalidation),
    async replay(own, { invalidation }) {
      const keys = invalidation.kind === 'keys' ? invalidation.keys : [];
      const left = await own.deleteAgain(keys);
      written.push(invalidation);
      return left;
    },
    onError: () => undefined,
    onStateChange: () => undefined,
  });
  // As a cache does when it joins the others.
  store.watch?.({
    onReplaced(how) {
      gate.repeat(how === 'restart' ? [{ kind: 'clear' }] : []);
    },
    onWarning: () => undefined,
  });
  return { gate, store };
}

const keys = (...names: readonly string[]): Invalidation => ({ kind: 'keys', keys: names });

/** Lets a delete fail, so that it is pending. */
async function failDelete({ gate, store }: World, ...names: readonly string[]): Promise<void> {
  store.fail('deleteMany', new Error('down'));
  expect(await gate.delete(names)).toBe('queued');
}

describe('what is pending', () => {
  it('is severed from what was sent before, and only then written', async () => {
    const world = open(true);
    await failDelete(world, 'a');
    world.store.forgetCalls();
    await clock.advanceAsync(2000);
    const operations = world.store.calls.map(({ operation }) => operation);
    expect(operations.filter((one) => one !== 'health')).toEqual(['sever', 'deleteMany']);
    expect([world.gate.pending.size, world.gate.unsevered, clock.pendingTimers]).toEqual([0, 0, 0]);
  });

  it('stays pending while it cannot be severed', async () => {
    const world = open(true);
    await failDelete(world, 'a');
    world.store.fail('sever', new Error('down'));
    await clock.advanceAsync(150);
    expect([world.gate.pending.size, written]).toEqual([1, []]);
    await clock.advanceAsync(5000);
    expect([world.gate.pending.size, written]).toEqual([0, [keys('a')]]);
  });

  it('is repeated once more after a minute where that cannot be made sure of, and told again', async () => {
    const world = open(false);
    await failDelete(world, 'a', 'b');
    await clock.advanceAsync(2000);
    expect([written, again, world.gate.unsevered]).toEqual([[keys('a', 'b')], [], 2]);
    const answers = [true];
    world.store.sever = async () => answers.pop() ?? true;
    await clock.advanceAsync(60_000);
    expect([written, again]).toEqual([[keys('a', 'b'), keys('a', 'b')], [keys('a', 'b')]]);
    expect([world.gate.unsevered, world.gate.pending.size]).toEqual([0, 0]);
    await clock.advanceAsync(120_000);
    expect(written).toHaveLength(2);
  });

  it('is neither severed nor repeated by a store that needs neither', async () => {
    const world = open();
    await failDelete(world, 'a');
    await clock.advanceAsync(120_000);
    expect([written, world.gate.unsevered]).toEqual([[keys('a')], 0]);
  });

  it('is written also when it came while the replay was about to end', async () => {
    for (let ticks = 0; ticks < 30; ticks++) {
      const { gate } = open();
      gate.forget(['a']);
      for (let left = ticks; left > 0; left--) await Promise.resolve();
      gate.forget(['b']);
      await settle();
      expect([ticks, gate.pending.size]).toEqual([ticks, 0]);
    }
  });

  it('is tried again at a growing pace under a policy as well, and not in between', async () => {
    const world = open(undefined, undecided);
    world.store.fail('deleteMany', new Error('down'), { times: 3 });
    await world.gate.delete(['a']);
    world.store.forgetCalls();
    await clock.advanceAsync(100 + 200 + 399);
    expect(world.store.callsOf('deleteMany')).toHaveLength(2);
    await clock.advanceAsync(1);
    expect([world.gate.pending.size, written]).toEqual([0, [keys('a')]]);
  });

  it('that the store goes on refusing takes no read away, and is tried every five seconds at last', async () => {
    const world = open(true);
    const { gate, store } = world;
    const { signal } = new AbortController();
    await store.setMany([{ key: 'b', bytes: Buffer.from('here'), ttl: Infinity }], { signal });
    store.fail('deleteMany', new Error('refused'), { times: Infinity });
    await gate.delete(['a']);
    await clock.advanceAsync(100);
    for (let read = 0; read < 200; read++) {
      await clock.advanceAsync(100);
      expect((await gate.getMany(['b']))[0]).toBeDefined();
    }
    store.forgetCalls();
    await clock.advanceAsync(10_000);
    expect(store.callsOf('deleteMany')).toHaveLength(2);
    // Nor do writes wait for it.
    expect(await gate.delete(['c'])).toBe('queued');
    expect(store.callsOf('deleteMany')).toHaveLength(2);
    store.heal();
    await clock.advanceAsync(5000);
    expect([gate.pending.size, written]).toEqual([0, [keys('a', 'c')]]);
  });

  it('keeps no other key waiting where only some cannot be written', async () => {
    const { gate, store } = open();
    const lost = Array.from({ length: 600 }, (_, n) => `lost ${n}`);
    const down = new Set(lost);
    store.deleteMany = async (some) => {
      const failedKeys = some.filter((key) => down.has(key));
      if (failedKeys.length === 0) return some.length;
      throw new StoreUnavailableError(store.name, 'deleteMany', { failedKeys });
    };
    gate.forget([...lost, 'a', 'b']);
    await gate.replay();
    expect([gate.pending.size, gate.pending.blocks('a')]).toEqual([600, false]);
    expect(gate.pending.blocks('lost 599')).toBe(true);
    down.clear();
    await clock.advanceAsync(100);
    expect([gate.pending.size, clock.pendingTimers]).toEqual([0, 0]);
  });

  it('keeps no timer once it is stopped', async () => {
    const world = open(false);
    await failDelete(world, 'a');
    await clock.advanceAsync(2000);
    world.gate.stop();
    expect(clock.pendingTimers).toBe(0);
  });
});

describe('another server', () => {
  it('after a failover is told again what was confirmed in the last minute', async () => {
    const { gate, store } = open();
    await gate.delete(['old']);
    await clock.advanceAsync(60_001);
    await gate.delete(['a']);
    await gate.applyMany(
      'setMany',
      ['b'],
      (key) => key,
      (some) => Promise.resolve(some),
    );
    store.replaced('failover');
    expect([again, gate.pending.size]).toEqual([[keys('a'), keys('b')], 2]);
    await settle();
    expect([written, gate.pending.size]).toEqual([[keys('a', 'b')], 0]);
    // It may be replaced again.
    store.replaced('failover');
    await settle();
    expect(written).toHaveLength(2);
  });

  it('after a failover is told of a soft invalidation as of a hard one, which has no time to begin anew', async () => {
    const { gate, store } = open();
    const members = [
      { kind: 'soft', name: 'x' },
      { kind: 'pattern', name: 'p' },
    ] as const;
    await gate.apply('bump', { kind: 'members', members }, () => Promise.resolve());
    store.replaced('failover');
    await settle();
    const [repeated] = written;
    expect(repeated).toEqual({
      kind: 'members',
      members: [
        { kind: 'tag', name: 'x' },
        { kind: 'pattern', name: 'p' },
      ],
    });
  });

  it('begun anew from disk is cleared', async () => {
    const { gate, store } = open();
    await gate.delete(['a']);
    store.replaced('restart');
    expect(gate.pending.blocks('anything')).toBe(true);
    await settle();
    expect([again, written]).toEqual([[keys('a'), { kind: 'clear' }], [{ kind: 'clear' }]]);
  });

  it('is told nothing where nothing was confirmed', async () => {
    const { store } = open();
    store.replaced('failover');
    await settle();
    expect([again, written, store.calls]).toEqual([[], [], []]);
  });
});
