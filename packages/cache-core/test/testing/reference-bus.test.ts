import { ManualClock } from '@perf/core/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import type { StoreCall, StoreNews } from '../../src/index.ts';
import { createBusHub, type BusHub } from '../../src/testing/bus-hub.ts';
import { createReferenceBackend } from '../../src/testing/reference-backend.ts';
import { referenceBus, type ReferenceBus } from '../../src/testing/reference-bus.ts';
import { referenceStore } from '../../src/testing/reference-store.ts';
import { call } from './alterations/alteration.ts';

let clock: ManualClock;
let hub: BusHub;
beforeEach(() => {
  clock = new ManualClock();
  hub = createBusHub({ clock });
});

/** A member, and what it was told in its order. */
function listen(channel?: string): { readonly bus: ReferenceBus; readonly told: string[] } {
  const bus = referenceBus({ hub, ...(channel === undefined ? {} : { channel }) });
  const told: string[] = [];
  bus.open({
    onMessage: (message) => told.push(message),
    onConnected: () => told.push('connected'),
    onDisconnected: () => told.push('disconnected'),
  });
  return { bus, told };
}

function say(...messages: readonly string[]): void {
  for (const message of messages) hub.publish('channel', message);
}

describe('a reference bus', () => {
  it('brings a message to every member of its channel while it is published', async () => {
    const [one, other, elsewhere] = [listen(), listen(), listen('another channel')];
    await one.bus.publish('m', call);
    expect([one.told, other.told]).toEqual([
      ['connected', 'm'],
      ['connected', 'm'],
    ]);
    expect(elsewhere.told).toEqual(['connected']);
  });

  it('brings what is published because of a message behind it, to everybody', () => {
    const { bus } = listen();
    const [first, last] = [referenceBus({ hub }), listen()];
    first.open({
      onMessage: (message) => {
        if (message === 'question') void first.publish('answer', call);
      },
      onConnected: () => {},
      onDisconnected: () => {},
    });
    void bus.publish('question', call);
    expect(last.told).toEqual(['connected', 'question', 'answer']);
  });

  it('tells of a cut, hears and publishes nothing during it, and connects anew', async () => {
    const { bus, told } = listen();
    bus.cut();
    say('missed');
    await expect(bus.publish('m', call)).rejects.toThrow('cut');
    bus.restore();
    say('m');
    expect(told).toEqual(['connected', 'disconnected', 'connected', 'm']);
  });

  it('in a black hole hears nothing and says nothing until it is asked for a new connection', async () => {
    const { bus, told } = listen();
    const other = listen();
    bus.blackHole();
    await bus.publish('heard by others', call);
    expect(other.told).toEqual(['connected', 'heard by others']);
    expect(told).toEqual(['connected']);
    bus.reconnect?.();
    say('m');
    expect([told, bus.reconnects]).toEqual([['connected', 'disconnected', 'connected', 'm'], 1]);
  });

  it('loses as many messages as it is told', () => {
    const { bus, told } = listen();
    bus.lose(2);
    say('1', '2', '3');
    expect(told).toEqual(['connected', '3']);
  });

  it('holds messages and lets a test arrange them', () => {
    const { bus, told } = listen();
    bus.hold();
    say('1', '2', '3');
    expect(bus.held).toEqual(['1', '2', '3']);
    bus.release((held) => [...held.toReversed(), ...held]);
    say('4');
    expect(told).toEqual(['connected', '3', '2', '1', '1', '2', '3', '4']);
  });

  it('delays messages without changing their order', () => {
    const { bus, told } = listen();
    bus.delay = 100;
    say('1');
    bus.delay = 0;
    say('2');
    clock.advance(99);
    expect(told).toEqual(['connected']);
    clock.advance(1);
    say('3');
    expect(told).toEqual(['connected', '1', '2', '3']);
  });

  it('loses what is on its way with the connection', () => {
    const { bus, told } = listen();
    bus.delay = 100;
    say('1');
    bus.cut();
    bus.restore();
    clock.advance(1000);
    expect(told).toEqual(['connected', 'disconnected', 'connected']);
  });

  it('fails to publish what a test lets fail, be it published or not', async () => {
    const { bus, told } = listen();
    const failure = new Error('failure');
    bus.fail(failure, { times: 2, applied: true });
    await expect(bus.publish('1', call)).rejects.toBe(failure);
    await expect(bus.publish('2', call)).rejects.toBe(failure);
    bus.fail(failure);
    await expect(bus.publish('3', call)).rejects.toBe(failure);
    await bus.publish('4', call);
    expect(told).toEqual(['connected', '1', '2', '4']);
  });
});

describe('a reference store with a hub', () => {
  const news: StoreNews = {
    channel: 'channel',
    drop: (keys) => `drop ${keys.join(',')}`,
    ended: (tickets) => `ended ${tickets.join(',')}`,
    bump: (members) => ({ before: 'bump ', after: ` ${members.length}` }),
  };
  const told: StoreCall = { ...call, news };
  const write = (key: string) => ({ key, bytes: new Uint8Array(1), ttl: 1000 });

  it('announces, in the network, without drops in its deltas', async () => {
    const backend = createReferenceBackend({ clock });
    const store = referenceStore({ hub, backend });
    expect(store.capabilities).toMatchObject({ announces: 'reference', scope: 'network' });
    await store.deleteMany(['a'], call);
    expect((await store.fencing?.delta({ seq: 0, drop: 0 }, call))?.drops).toEqual([]);
  });

  it('publishes the news of each call', async () => {
    const store = referenceStore({ hub, backend: createReferenceBackend({ clock }) });
    const { told: heard } = listen();
    await store.setMany([write('a'), write('b')], told);
    await store.deleteMany(['c'], told);
    const fencing = store.fencing;
    await fencing?.ticketMany([{ key: 'd', ticket: 't', ttl: 1000 }], told);
    await fencing?.fillMany([{ ...write('d'), ticket: 't' }], told);
    await fencing?.fillMany([{ ...write('d'), ticket: 't' }], told);
    await fencing?.releaseMany([{ key: 'd', ticket: 't' }], told);
    await fencing?.begin('e', 'w', 1000, told);
    await fencing?.settle({ ...write('e'), ticket: 'w' }, told);
    const bump = await fencing?.bump([{ kind: 'tag', name: 'x' }], 0, told);
    await store.setMany([write('f')], call);
    expect(heard).toEqual([
      'connected',
      'drop a,b',
      'drop c',
      'ended t',
      'drop e',
      'drop e',
      'ended w',
      `bump ${bump?.id} ${bump?.prev} ${bump?.seq} 1`,
    ]);
  });
});
