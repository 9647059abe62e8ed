import { ManualClock, settle } from '@perf/core/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import type { BumpReply, LedgerMember, StoreFencing } from '../../../src/index.ts';
import { SharedLedger } from '../../../src/stores/ledger/shared-ledger.ts';
import { StoreGate } from '../../../src/stores/store-gate.ts';
import {
  controllableStore,
  createReferenceBackend,
  referenceStore,
  type ControllableStore,
  type ReferenceBackend,
} from '../../../src/testing.ts';

const tag = (name: string): LedgerMember => ({ kind: 'tag', name });

let clock: ManualClock;
let backend: ReferenceBackend;
let store: ControllableStore;
let ledger: SharedLedger;
let bus: { trustedUntil: number };
let announced: string[];

beforeEach(async () => {
  clock = new ManualClock();
  backend = createReferenceBackend({ clock });
  store = controllableStore(referenceStore({ backend, drops: false }));
  announced = [];
  bus = { trustedUntil: 1_000_000 };
  const fencing = store.fencing as StoreFencing;
  const gate = new StoreGate(store, {
    clock,
    timeout: 250,
    policy: undefined,
    isAuthority: true,
    onAgain: () => undefined,
    async replay(_, { invalidation, last }) {
      if (invalidation.kind === 'members') await ledger.replay(invalidation.members, last);
      return [];
    },
    onError: () => undefined,
    onStateChange: () => undefined,
  });
  ledger = new SharedLedger({
    gate,
    fencing,
    clock,
    pollInterval: 100,
    onDrops: () => undefined,
    announce: (members, { seq }) => announced.push(`${members.length} at ${seq}`),
  });
  ledger.follow(bus);
  await ledger.refresh();
  store.forgetCalls();
});

/** Another instance bumps the ledger, and this one has not heard of it yet. */
function bumpElsewhere(...names: readonly string[]): BumpReply {
  return backend.ledger.bump(names.map(tag), 0, clock.epoch() * 1000);
}

const isLive = (): boolean => clock.now() <= ledger.liveUntil;
const isDead = (...tags: readonly string[]): boolean => {
  const entry = { ledgerId: ledger.replica.id, asOf: 0, tags };
  return ledger.replica.judge('k', entry, -1) === 'dead';
};

describe('a ledger that follows a bus', () => {
  it('is live while the bus is trusted, and asks nobody', async () => {
    clock.advance(60_000);
    expect([isLive(), await ledger.prove()]).toEqual([true, true]);
    ledger.refreshAhead(clock.now());
    bus.trustedUntil = clock.now() - 1;
    expect([isLive(), await ledger.prove()]).toEqual([false, false]);
    expect(store.callsOf('delta')).toHaveLength(2);
  });

  it('takes in bumps as it hears of them, in their order', async () => {
    const first = bumpElsewhere('x');
    const second = bumpElsewhere('y');
    ledger.onBump([tag('x')], first);
    ledger.onBump([tag('y')], second);
    expect([isLive(), isDead('x'), isDead('y'), ledger.replica.position.seq]).toEqual([
      true,
      true,
      true,
      second.seq,
    ]);
    expect(store.calls).toEqual([]);
  });

  it('8: that hears of a bump but not of the one before is not live until it has read both', async () => {
    const lost = bumpElsewhere('x');
    const heard = bumpElsewhere('y');
    ledger.onBump([tag('y')], heard);
    expect([isLive(), ledger.replica.position.seq < lost.seq]).toEqual([false, true]);
    await settle();
    expect([isLive(), isDead('x'), store.callsOf('delta').length]).toEqual([true, true, 1]);
  });

  it('9: hearing bumps in any order, twice, and its own after its own reply, equals the ledger', async () => {
    await ledger.invalidate([tag('own')]);
    const own = { id: backend.ledger.id, prev: 0, seq: backend.ledger.highest };
    const bumps = ['x', 'y', 'z'].map((name) => [name, bumpElsewhere(name)] as const);
    for (const [name, reply] of [...bumps.toReversed(), ...bumps]) {
      ledger.onBump([tag(name)], reply);
    }
    ledger.onBump([tag('own')], own);
    await settle();
    const { seq } = bumps[2]?.[1] ?? own;
    expect([isLive(), ledger.replica.position.seq, ledger.replica.reached]).toEqual([
      true,
      seq,
      seq,
    ]);
    for (const name of ['own', 'x', 'y', 'z']) expect(isDead(name)).toBe(true);
  });

  it('learns from the position of another instance that a message was lost', async () => {
    const { id, seq } = bumpElsewhere('x');
    ledger.onPosition('', seq);
    expect([isLive(), isDead('x')]).toEqual([true, false]);
    ledger.onPosition(id, seq);
    expect(isLive()).toBe(false);
    await settle();
    expect([isLive(), isDead('x')]).toEqual([true, true]);
    store.forgetCalls();
    ledger.onPosition(id, seq);
    expect([isLive(), store.calls]).toEqual([true, []]);
  });

  it('is not live while the delta lacks what it has heard of, and reads again', async () => {
    const underWay = store.hold({ operation: 'delta', when: 'after', times: 1 });
    ledger.onGap();
    await underWay.reached();
    const first = bumpElsewhere('x');
    const second = bumpElsewhere('y');
    const next = store.hold({ operation: 'delta' });
    // The answer under way knows neither.
    ledger.onBump([tag('y')], { ...second, prev: first.seq });
    underWay.release();
    await next.reached();
    await settle();
    expect([isLive(), isDead('x')]).toEqual([false, false]);
    next.release();
    await settle();
    expect([isLive(), isDead('x'), isDead('y')]).toEqual([true, true, true]);
  });

  it('tells others of its bumps where the store does not', async () => {
    await ledger.invalidate([tag('x'), tag('y')]);
    expect(announced).toEqual([`2 at ${backend.ledger.highest}`]);
  });

  it('is not live after its own bump until it has read what came before it', async () => {
    bumpElsewhere('x');
    const hold = store.hold({ operation: 'delta', when: 'before', times: 1 });
    expect(await ledger.invalidate([tag('y')])).toBe('applied');
    expect(isLive()).toBe(false);
    hold.release();
    await settle();
    expect([isLive(), isDead('x')]).toEqual([true, true]);
  });
});

describe('a gap', () => {
  it('moves the epoch; what was asked for before it is asked for again', async () => {
    const { epoch } = ledger;
    const hold = store.hold({ operation: 'delta', when: 'after', times: 1 });
    const refreshing = ledger.refresh();
    await hold.reached();
    ledger.onGap();
    expect([ledger.epoch, isLive()]).toEqual([epoch + 1, false]);
    hold.release();
    expect(await refreshing).toBe(true);
    await settle();
    expect([isLive(), store.callsOf('delta').length]).toEqual([true, 3]);
  });

  it('puts the last contact back by as long as it may have begun before', () => {
    clock.advance(10_000);
    ledger.onEcho();
    bus.trustedUntil = -Infinity;
    ledger.onGap();
    expect([ledger.lastLive, ledger.liveEpoch]).toEqual([7000, 0]);
  });

  it('with the store out of reach is read behind when it is back', async () => {
    store.fail(undefined, new Error('down'), { times: Infinity });
    store.fail('health', new Error('down'), { times: Infinity });
    await ledger.refresh();
    ledger.onGap();
    await settle();
    expect([ledger.isolated, isLive()]).toEqual([true, false]);
    store.heal();
    await clock.advanceAsync(60_000);
    expect(await ledger.refresh()).toBe(true);
    expect(isLive()).toBe(true);
  });
});

describe('a ledger that is not the one it was', () => {
  it('10: is adopted by a second reading, and moves the epoch', async () => {
    bumpElsewhere('x');
    await ledger.refresh();
    const { epoch } = ledger;
    backend.loseLedger();
    const other = bumpElsewhere('y');
    ledger.onBump([tag('y')], other);
    expect([isLive(), isDead('y')]).toEqual([false, false]);
    await settle();
    expect([ledger.replica.id, ledger.epoch, isLive(), isDead('y'), isDead('x')]).toEqual([
      other.id,
      epoch + 1,
      true,
      true,
      false,
    ]);
  });

  it('11: rolled back, is put above everything that was known; also with the clock set back', async () => {
    const snapshot = backend.snapshotLedger();
    await ledger.invalidate([tag('x')]);
    const { reached } = ledger.replica;
    backend.restoreLedger(snapshot);
    clock.setEpoch(0);
    await ledger.refresh();
    expect(backend.ledger.highest).toBeGreaterThan(reached);
    expect(backend.ledger.snapshot().facts.map(({ kind }) => kind)).toEqual(['all']);
    const entry = { ledgerId: ledger.replica.id, asOf: reached, tags: [] };
    expect([ledger.replica.judge('k', entry, -1), isLive()]).toEqual(['dead', true]);
  });

  it('11: rolled back behind what only others have seen, is put above that', async () => {
    const { id, seq } = bumpElsewhere('x');
    backend.restoreLedger({ id, facts: [] });
    clock.setEpoch(0);
    ledger.onPosition(id, seq);
    await settle();
    expect(backend.ledger.highest).toBeGreaterThan(seq);
    expect(isLive()).toBe(true);
  });
});
