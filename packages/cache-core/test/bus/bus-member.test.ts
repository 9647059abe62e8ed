import { ManualClock } from '@perf/core/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Announcer } from '../../src/bus/announcer.ts';
import { BusMember } from '../../src/bus/bus-member.ts';
import { createBusHub, referenceBus, type BusHub, type ReferenceBus } from '../../src/testing.ts';

/** One instance on the bus, and what it was told. */
interface Instance {
  readonly bus: ReferenceBus;
  readonly member: BusMember;
  readonly told: string[];
  readonly errors: unknown[];
  /** How many gaps there were since the last question. */
  readonly gaps: () => number;
}

let clock: ManualClock;
let hub: BusHub;
let open: Instance[];
beforeEach(() => {
  clock = new ManualClock();
  hub = createBusHub({ clock });
  open = [];
});
afterEach(async () => {
  const closing = open.map(({ member }) => member.close());
  await clock.advanceAsync(10_000);
  await Promise.all(closing);
});

function join(position = { id: 'ledger', reached: 7 }): Instance {
  const bus = referenceBus({ hub });
  const told: string[] = [];
  const errors: unknown[] = [];
  let gaps = 0;
  const announcer = new Announcer(bus, { clock, onError: (error) => errors.push(error) });
  const member = new BusMember(bus, announcer, {
    clock,
    position: () => position,
    listener: {
      onDrop: (keys) => told.push(`drop ${keys.join(',')}`),
      onVoid: (members) => told.push(`void ${members.length}`),
      onBump: (_, { id, prev, seq }) => told.push(`bump ${id} ${prev} ${seq}`),
      onEnded: (tickets) => told.push(`ended ${tickets.join(',')}`),
      onPosition: (id, reached) => told.push(`position ${id} ${reached}`),
      onGap: () => gaps++,
      onEcho: () => undefined,
      onError: (error) => errors.push(error),
    },
  });
  member.open();
  const instance = {
    bus,
    member,
    told,
    errors,
    gaps() {
      const since = gaps;
      gaps = 0;
      return since;
    },
  };
  open.push(instance);
  return instance;
}

/** Two that know each other, and have settled. */
async function pair(): Promise<readonly [Instance, Instance]> {
  const both = [join(), join()] as const;
  await clock.advanceAsync(4000);
  for (const { gaps, told } of both) {
    gaps();
    told.length = 0;
  }
  return both;
}

const countOf = (kind: string): number =>
  hub.messages.filter(({ text }) => text.startsWith(`1 ${kind} `)).length;

describe('a member of the bus', () => {
  it('says that it lives once a second, and how far it has seen the ledger', async () => {
    const { member } = join();
    await clock.advanceAsync(5000);
    expect([countOf('hello'), countOf('beat')]).toEqual([1, 6]);
    expect(hub.messages.at(-1)?.text).toBe(`1 beat ${member.announcer.name} 0 ledger 7 5000`);
  });

  it('answers a hello with a beat, but not more than one in 50 ms', async () => {
    join();
    await clock.advanceAsync(60);
    hub.forgetMessages();
    for (let count = 0; count < 5; count++) hub.publish('channel', `1 hello stranger${count}`);
    expect(countOf('beat')).toBe(1);
  });

  it('does not send a beat while the last one has not been taken', async () => {
    const { bus } = join();
    bus.publish = () => {
      sent++;
      return new Promise(() => undefined);
    };
    let sent = 0;
    await clock.advanceAsync(1000);
    await clock.advanceAsync(750);
    expect(sent).toBe(1);
  });

  it('hands on what others have changed, and nothing of its own', async () => {
    const [one, other] = await pair();
    await one.member.announcer.drop(['a', 'b']);
    await one.member.announcer.void([{ kind: 'tag', name: 'x' }]);
    one.member.announcer.bump([{ kind: 'all', name: '' }], { id: 'i', prev: 1, seq: 2 });
    hub.publish('channel', `1 ended ${one.member.announcer.name} ["t"]`);
    expect(other.told).toEqual(['drop a,b', 'void 1', 'bump i 1 2', 'ended t']);
    expect([one.told, one.gaps(), other.gaps()]).toEqual([[], 0, 0]);
  });

  it('counts who is heard, and forgets who has said goodbye without a gap', async () => {
    const [one, other] = await pair();
    expect([one.member.others, one.member.connected]).toEqual([1, true]);
    await other.member.close();
    await clock.advanceAsync(500);
    expect([one.member.others, one.gaps()]).toEqual([0, 0]);
    await clock.advanceAsync(10_000);
    expect([one.gaps(), one.member.trustedUntil >= clock.now()]).toEqual([0, true]);
  });
});

describe('a gap', () => {
  it('comes with every connection, and once more when everybody has had time to be heard', async () => {
    const { gaps } = join();
    expect(gaps()).toBe(1);
    await clock.advanceAsync(2999);
    expect(gaps()).toBe(0);
    await clock.advanceAsync(1);
    expect(gaps()).toBe(1);
    await clock.advanceAsync(60_000);
    expect(gaps()).toBe(0);
  });

  it('is a message that was lost, as soon as the next beat tells of it and the grace is over', async () => {
    const [one, other] = await pair();
    other.bus.lose();
    await one.member.announcer.drop(['a']);
    expect(other.told).toEqual([]);
    await clock.advanceAsync(1500);
    expect(other.gaps()).toBe(1);
    await clock.advanceAsync(60_000);
    expect([other.gaps(), one.gaps()]).toEqual([0, 0]);
  });

  it('is none when messages overtake each other, or come twice', async () => {
    const [one, other] = await pair();
    other.bus.hold();
    for (const key of ['a', 'b', 'c']) await one.member.announcer.drop([key]);
    await clock.advanceAsync(100);
    other.bus.release((held) => [...held.toReversed(), ...held]);
    await clock.advanceAsync(10_000);
    expect(other.gaps()).toBe(0);
    const drops = other.told.filter((what) => what.startsWith('drop'));
    expect(drops).toEqual(['drop c', 'drop b', 'drop a', 'drop a', 'drop b', 'drop c']);
  });

  it('is a publisher that is silent for three seconds without a goodbye', async () => {
    const [one, other] = await pair();
    one.bus.cut();
    await clock.advanceAsync(2999);
    // Before the timer: the trust ends by itself.
    expect(other.member.trustedUntil).toBeLessThanOrEqual(clock.now() + 1);
    await clock.advanceAsync(1);
    expect(other.gaps()).toBe(1);
    await clock.advanceAsync(10_000);
    expect([other.gaps(), other.member.others]).toEqual([0, 0]);
  });

  it('is its own silence, and then it asks for another connection', async () => {
    const [one, other] = await pair();
    one.bus.blackHole();
    await clock.advanceAsync(2749);
    expect([one.bus.reconnects, one.gaps()]).toEqual([0, 0]);
    await clock.advanceAsync(251);
    expect(one.bus.reconnects).toBe(1);
    // For the silence, the loss of the old connection and the new one.
    expect(one.gaps()).toBeGreaterThanOrEqual(2);
    expect([one.member.connected, other.gaps()]).toEqual([true, 0]);
  });

  it('is its own silence on a bus that has no other connection, until it is heard again', async () => {
    const [one] = await pair();
    Object.assign(one.bus, { reconnect: undefined });
    one.bus.hold();
    await clock.advanceAsync(3000);
    expect([one.member.connected, one.member.trustedUntil]).toEqual([false, -Infinity]);
    await clock.advanceAsync(3000);
    // An echo of long ago proves nothing of now.
    const isOwn = (text: string): boolean => text.includes(one.member.announcer.name);
    const late = one.bus.held;
    one.bus.release((held) => held.filter(isOwn).slice(0, 1));
    expect([one.member.connected, one.member.trustedUntil]).toEqual([false, -Infinity]);
    for (const text of late) hub.publish('channel', text);
    expect([one.member.connected, one.gaps() > 0]).toEqual([true, true]);
    expect(one.member.trustedUntil).toBe(clock.now() + 3000);
  });

  it('is a connection that lags more than three seconds behind', async () => {
    const [one, other] = await pair();
    one.bus.delay = 1500;
    await clock.advanceAsync(10_000);
    expect([one.gaps(), one.member.connected]).toEqual([0, true]);
    // Its trust counts from when what it hears was sent.
    expect(one.member.trustedUntil - clock.now()).toBeLessThanOrEqual(1500);
    one.bus.delay = 3001;
    await clock.advanceAsync(10_000);
    expect(one.gaps()).toBeGreaterThan(0);
    expect(one.bus.reconnects).toBeGreaterThan(0);
    expect(other.bus.reconnects).toBe(0);
    one.bus.delay = 0;
    await clock.advanceAsync(10_000);
    one.gaps();
    await clock.advanceAsync(10_000);
    expect([one.gaps(), one.member.trustedUntil > clock.now()]).toEqual([0, true]);
  });

  it('is the loss of the connection, and the next one', async () => {
    const [one] = await pair();
    one.bus.cut();
    expect([one.gaps(), one.member.connected, one.member.trustedUntil]).toEqual([
      1,
      false,
      -Infinity,
    ]);
    await clock.advanceAsync(10_000);
    expect(one.gaps()).toBe(0);
    one.bus.restore();
    expect([one.gaps(), one.member.connected]).toEqual([1, true]);
  });

  it('is a message of a version that is not known, or no message at all', async () => {
    const [one] = await pair();
    hub.publish('channel', '2 drop somebody 1 a');
    hub.publish('channel', 'what?');
    expect(one.gaps()).toBe(2);
  });
});

describe('a member that closes', () => {
  it('says goodbye with its last number, and hears nothing any more', async () => {
    const [one, other] = await pair();
    await one.member.announcer.drop(['a']);
    await one.member.close();
    await one.member.close();
    expect(hub.messages.at(-1)?.text).toBe(`1 bye ${one.member.announcer.name} 1`);
    await other.member.announcer.drop(['b']);
    await clock.advanceAsync(60_000);
    expect([one.told, one.gaps(), one.member.trustedUntil]).toEqual([[], 0, -Infinity]);
  });

  it('leaves no timer', async () => {
    const [one, other] = await pair();
    await Promise.all([one.member.close(), other.member.close()]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('says nothing on a connection that is lost, and reports a bus that cannot be closed', async () => {
    const [one] = await pair();
    const failure = new Error('cannot close');
    one.bus.close = () => Promise.reject(failure);
    one.bus.cut();
    await one.member.close();
    expect([countOf('bye'), one.errors]).toEqual([0, [failure]]);
  });

  it('does not wait for a bus that never closes', async () => {
    const [one] = await pair();
    one.bus.close = () => new Promise(() => undefined);
    const closing = one.member.close();
    await clock.advanceAsync(5000);
    await closing;
    expect(one.errors).toEqual([expect.objectContaining({ code: 'PERF_TIMEOUT' })]);
  });
});
