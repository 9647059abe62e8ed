import { ConfigError } from '@perf/core';
import { settle } from '@perf/core/testing';
import { describe, expect, it } from 'vitest';
import type { StoreCall, StoreWrite } from '../../src/contracts/cache-store.ts';
import { createBusHub } from '../../src/testing/bus-hub.ts';
import { controllableStore, type ControllableStore } from '../../src/testing/controllable-store.ts';
import {
  createReferenceBackend,
  type ReferenceBackend,
} from '../../src/testing/reference-backend.ts';
import { referenceStore } from '../../src/testing/reference-store.ts';

/** In milliseconds; the clock is the real one, which must not matter. */
const LONG = 600_000;
const WHY = new Error('out of time');

function setup(): { store: ControllableStore; backend: ReferenceBackend } {
  const backend = createReferenceBackend();
  return { store: controllableStore(referenceStore({ backend })), backend };
}

function call(): StoreCall {
  return { signal: new AbortController().signal };
}

function abortableCall(): { call: StoreCall; abort: () => void } {
  const controller = new AbortController();
  return {
    call: { signal: controller.signal },
    abort: () => {
      controller.abort(WHY);
    },
  };
}

function write(key: string, text: string): StoreWrite {
  return { key, bytes: Buffer.from(text), ttl: Infinity };
}

function textOf(backend: ReferenceBackend, key: string): string | undefined {
  const entry = backend.entry(key);
  return entry === undefined ? undefined : Buffer.from(entry.bytes).toString();
}

function optionalParts(store: ControllableStore): string[] {
  return (['fencing', 'keys', 'touchMany'] as const).filter((part) => store[part] !== undefined);
}

describe('a controllable store', () => {
  it('applies a call in the turn in which it was made when nothing holds it', () => {
    const { store, backend } = setup();

    void store.setMany([write('a', '1')], call());

    expect(textOf(backend, 'a')).toBe('1');
  });

  it('has the methods of the store inside and no others', () => {
    const poor = controllableStore(
      referenceStore({ conditional: false, scan: false, touch: false }),
    );

    expect(optionalParts(poor)).toEqual([]);
    expect(optionalParts(setup().store)).toEqual(['fencing', 'keys', 'touchMany']);
  });

  it('does not apply a call held before until the release', async () => {
    const { store, backend } = setup();
    const hold = store.hold({ operation: 'setMany' });

    const setting = store.setMany([write('a', '1')], call());
    await hold.reached();
    await settle();
    expect(textOf(backend, 'a')).toBeUndefined();
    expect(hold.held).toBe(1);

    hold.release();
    expect(textOf(backend, 'a')).toBe('1');
    expect(await setting).toEqual(['stored']);
    expect(hold.held).toBe(0);
  });

  it('has applied a call held after, whose answer waits for the release', async () => {
    const { store, backend } = setup();
    await store.setMany([write('a', 'old')], call());
    const hold = store.hold({ operation: 'getMany', when: 'after' });

    const reading = store.getMany(['a'], call());
    await hold.reached();
    backend.evict('a');
    hold.release();

    expect((await reading)[0]?.bytes).toEqual(new Uint8Array(Buffer.from('old')));
  });

  it('holds only what it was asked to: operation, key and number of calls', async () => {
    const { store, backend } = setup();
    const hold = store.hold({ operation: ['setMany', 'deleteMany'], key: 'a', times: 1 });

    const first = store.setMany([write('a', '1')], call());
    await store.setMany([write('b', '1')], call());
    await store.getMany(['b'], call());
    expect(hold.held).toBe(1);
    const second = store.setMany([write('a', '2')], call());
    hold.release();
    await Promise.all([first, second]);

    expect(textOf(backend, 'a')).toBe('2');
    expect(hold.held).toBe(0);
  });

  it('keeps the order of calls for one key while others pass', async () => {
    const { store, backend } = setup();
    const hold = store.hold({ operation: 'setMany', times: 1 });

    const held = store.setMany([write('a', '1')], call());
    const deleting = store.deleteMany(['a', 'c'], call());
    const behind = store.setMany([write('c', '1')], call());
    await store.setMany([write('b', '1')], call());
    expect(textOf(backend, 'c')).toBeUndefined();
    hold.release();

    expect(await deleting).toBe(1);
    await Promise.all([held, behind]);
    expect(textOf(backend, 'a')).toBeUndefined();
    expect(textOf(backend, 'c')).toBe('1');
  });

  it('keeps the order when a later hold lets go first', async () => {
    const { store, backend } = setup();
    const first = store.hold({ operation: 'setMany' });
    const second = store.hold({ operation: 'deleteMany' });
    const setting = store.setMany([write('a', '1')], call());
    const deleting = store.deleteMany(['a'], call());

    second.release();
    expect(store.callsOf('deleteMany')).toMatchObject([{ applied: false }]);
    first.release();

    await setting;
    expect(await deleting).toBe(1);
    expect(textOf(backend, 'a')).toBeUndefined();
  });

  it('does not let a clear pass a held write, nor a write a held clear', async () => {
    const { store, backend } = setup();
    const hold = store.hold({ operation: 'setMany', times: 1 });
    const calls: Promise<unknown>[] = [
      store.setMany([write('a', '1')], call()),
      store.clear(call()),
      store.setMany([write('b', '1')], call()),
    ];
    await settle();
    expect(textOf(backend, 'b')).toBeUndefined();

    hold.release();
    await Promise.all(calls);
    expect(backend.keys).toEqual(['b']);
  });

  it('lets later calls overtake where that was asked for', async () => {
    const { store, backend } = setup();
    const hold = store.hold({ operation: 'setMany', overtaken: true });

    const setting = store.setMany([write('a', 'late')], call());
    expect(await store.deleteMany(['a'], call())).toBe(0);
    hold.release();
    await setting;

    expect(textOf(backend, 'a')).toBe('late');
  });

  it('drops a held call whose signal aborts, and goes on behind it', async () => {
    const { store, backend } = setup();
    const hold = store.hold({ operation: 'setMany', times: 1 });
    const given = abortableCall();
    const setting = store.setMany([write('a', '1')], given.call);
    const reading = store.getMany(['a'], call());

    given.abort();
    await expect(setting).rejects.toBe(WHY);
    expect(await reading).toEqual([undefined]);
    hold.release();

    expect(textOf(backend, 'a')).toBeUndefined();
    expect(hold.held).toBe(0);
  });

  it("lands a call that was given up: 'unknown' at once, applied at the release", async () => {
    const { store, backend } = setup();
    const hold = store.hold({ onAbort: 'land' });
    const given = abortableCall();
    const setting = store.setMany([write('a', '1')], given.call);
    const deleting = store.deleteMany(['b'], given.call);

    given.abort();
    expect(await setting).toEqual(['unknown']);
    await expect(deleting).rejects.toBe(WHY);
    expect(textOf(backend, 'a')).toBeUndefined();
    hold.release();

    expect(textOf(backend, 'a')).toBe('1');
    expect(store.callsOf('deleteMany')[0]?.applied).toBe(true);
  });

  it('leaves the caller waiting where the signal is to be ignored', async () => {
    const { store } = setup();
    store.freeze({ onAbort: 'ignore' });
    const given = abortableCall();
    let answered = false;
    const reading = store.getMany(['a'], given.call).finally(() => {
      answered = true;
    });

    given.abort();
    await settle();
    expect(answered).toBe(false);
    store.thaw();

    expect(await reading).toEqual([undefined]);
  });

  it('gives up the answer of an applied call whose signal aborts', async () => {
    const { store, backend } = setup();
    const hold = store.hold({ when: 'after' });
    const given = abortableCall();
    const setting = store.setMany([write('a', '1')], given.call);
    const reading = store.getMany(['b'], given.call);
    await hold.reached(2);

    given.abort();

    expect(await setting).toEqual(['unknown']);
    await expect(reading).rejects.toBe(WHY);
    expect(textOf(backend, 'a')).toBe('1');
  });

  it.each(['drop', 'land', 'ignore'] as const)(
    'severs what was given up and is held all the same (%s)',
    async (onAbort) => {
      const backend = createReferenceBackend();
      const store = controllableStore(referenceStore({ backend }), { severs: true });
      const hold = store.hold({ operation: 'setMany', onAbort, overtaken: true });
      const { call: late, abort } = abortableCall();
      const setting = store.setMany([write('a', 'late')], late).catch(() => undefined);
      const waiting = store.setMany([write('b', 'in time')], call());
      await settle();
      abort();
      await settle();
      expect(await store.sever?.(call())).toBe(true);
      hold.release();
      await setting;
      expect(await waiting).toEqual(['stored']);
      expect(backend.keys).toEqual(['b']);
    },
  );

  it('says that it cannot sever, or has nothing to sever with', async () => {
    const inner = referenceStore();
    expect(await controllableStore(inner, { severs: false }).sever?.(call())).toBe(false);
    expect(controllableStore(inner).sever === undefined).toBe(true);
    const severing = Object.assign(referenceStore(), { sever: async () => true });
    expect(await controllableStore(severing).sever?.(call())).toBe(true);
  });

  it('tells who watches it that another server answers', () => {
    const { store } = setup();
    const told: string[] = [];
    store.replaced('failover');
    store.watch?.({ onReplaced: (how) => told.push(how), onWarning: () => undefined });
    store.replaced('failover');
    store.replaced('restart');
    expect(told).toEqual(['failover', 'restart']);
  });

  it('keeps the news of a call that is applied late', async () => {
    const hub = createBusHub();
    const store = controllableStore(referenceStore({ hub }));
    const hold = store.hold({ operation: 'deleteMany', onAbort: 'land' });
    const { call: late, abort } = abortableCall();
    const news = {
      channel: 'c',
      drop: () => 'dropped',
      ended: () => '',
      bump: () => ({ before: '', after: '' }),
    };
    const deleting = store.deleteMany(['a'], { ...late, news });
    abort();
    await expect(deleting).rejects.toBe(WHY);
    hold.release();
    await settle();
    expect(hub.messages).toEqual([{ channel: 'c', text: 'dropped' }]);
  });

  it('freezes everything but close, and thaws in call order', async () => {
    const { store, backend } = setup();
    const frozen = store.freeze();
    const calls = [
      store.setMany([write('a', '1')], call()),
      store.setMany([write('a', '2')], call()),
      store.deleteMany(['b'], call()),
    ];
    const health = store.health(call());
    expect(frozen.held).toBe(4);

    store.thaw();
    store.thaw();
    await Promise.all(calls);
    expect(await health).toMatchObject({ healthy: true });
    expect(textOf(backend, 'a')).toBe('2');
    expect(await store.getMany(['b'], call())).toEqual([undefined]);
  });

  it('fails as often as it was told, without applying', async () => {
    const { store, backend } = setup();
    store.fail('deleteMany', WHY, { times: 2 });
    await store.setMany([write('a', '1')], call());

    await expect(store.deleteMany(['a'], call())).rejects.toBe(WHY);
    await expect(store.deleteMany(['a'], call())).rejects.toBe(WHY);
    expect(textOf(backend, 'a')).toBe('1');
    expect(await store.deleteMany(['a'], call())).toBe(1);
  });

  it('fails although it was applied, where that was asked for', async () => {
    const { store, backend } = setup();
    store.fail(undefined, WHY, { applied: true });

    await expect(store.setMany([write('a', '1')], call())).rejects.toBe(WHY);

    expect(textOf(backend, 'a')).toBe('1');
  });

  it.each([true, false])("answers 'unknown', applied: %s", async (applied) => {
    const { store, backend } = setup();
    store.unknown('setMany', { applied, key: 'a' });

    expect(await store.setMany([write('b', '1')], call())).toEqual(['stored']);
    expect(await store.setMany([write('a', '1')], call())).toEqual(['unknown']);

    expect(textOf(backend, 'a')).toBe(applied ? '1' : undefined);
  });

  it('takes faults back', async () => {
    const { store } = setup();
    store.fail(undefined, WHY, { times: Infinity });
    store.heal();

    expect(await store.getMany(['a'], call())).toEqual([undefined]);
  });

  it('writes down the calls, their keys, arguments and state', async () => {
    const { store } = setup();
    const hold = store.hold({ operation: 'setMany' });
    const setting = store.setMany([write('a', '1')], call());
    await store.getMany(['b', 'c'], call());

    expect(store.calls).toMatchObject([
      { number: 1, operation: 'setMany', keys: ['a'], applied: false, answered: false },
      { number: 2, operation: 'getMany', keys: ['b', 'c'], applied: true, answered: true },
    ]);
    expect(store.calls[1]?.args).toEqual([['b', 'c']]);
    hold.release();
    await setting;
    expect(store.callsOf('setMany')).toMatchObject([{ applied: true, answered: true }]);

    store.forgetCalls();
    expect(store.calls).toEqual([]);
  });

  it('passes every operation on', async () => {
    const { store } = setup();
    const { fencing } = store;
    if (fencing === undefined) throw new TypeError('no fencing');
    const entry = write('a', '1');

    const ticket = { key: 'a', ticket: 't' };

    expect(await fencing.ticketMany([{ ...ticket, ttl: LONG }], call())).toEqual([
      { kind: 'mine' },
    ]);
    expect(await fencing.renewMany([ticket], LONG, call())).toEqual([true]);
    expect(await fencing.releaseMany([ticket], call())).toEqual([true]);
    expect(await fencing.fillMany([{ ...entry, ...ticket }], call())).toEqual(['refused']);
    await fencing.begin('a', 't', LONG, call());
    expect(await fencing.settle({ ...entry, ...ticket }, call())).toBe('stored');
    const { id } = await fencing.bump([{ kind: 'tag', name: 'x' }], 0, call());
    expect((await fencing.delta({ seq: 0, drop: 0 }, call())).id).toBe(id);
    await store.touchMany?.(['a'], LONG, call());
    const pages: (readonly string[])[] = [];
    for await (const page of store.keys?.('', call()) ?? []) pages.push(page);
    expect(pages).toEqual([['a']]);
    await store.clear(call());
    await store.close();
    expect(await store.health(call())).toMatchObject({ healthy: false });
    expect(new Set(store.calls.map(({ operation }) => operation)).size).toBe(13);
  });
});

it('refuses null and misspelt options', () => {
  const store = controllableStore(referenceStore());
  const wrong = [null, { time: 1 }, { times: null }] as never[];
  for (const options of wrong) {
    expect(() => store.hold(options)).toThrow(ConfigError);
    expect(() => store.fail('getMany', new Error('no'), options)).toThrow(ConfigError);
    expect(() => store.unknown('setMany', options)).toThrow(ConfigError);
  }
});
