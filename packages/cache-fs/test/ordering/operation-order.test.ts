import { createDeferred, type Deferred } from '@perf/core';
import { settle } from '@perf/core/testing';
import { describe, expect, it } from 'vitest';
import { CallScope } from '../../src/ordering/call-scope.ts';
import { OperationOrder } from '../../src/ordering/operation-order.ts';

const scope = (): CallScope => new CallScope(new AbortController().signal);

/** Work that notes its begin and its end, and ends when it is told to. */
class Works {
  readonly log: string[] = [];
  readonly #ends = new Map<string, Deferred<void>>();

  readonly make = (name: string) => async (): Promise<void> => {
    this.log.push(`+${name}`);
    const end = createDeferred();
    this.#ends.set(name, end);
    await end.promise;
    this.log.push(`-${name}`);
  };

  async end(name: string): Promise<void> {
    this.#ends.get(name)?.resolve();
    await settle();
  }
}

describe('OperationOrder', () => {
  it('runs reads of one name side by side, writes alone, all in call order', async () => {
    const order = new OperationOrder(10);
    const works = new Works();
    const { log, make } = works;
    const end = (name: string): Promise<void> => works.end(name);
    const all = Promise.all([
      order.run(scope(), 'a', false, make('r1')),
      order.run(scope(), 'a', false, make('r2')),
      order.run(scope(), 'a', true, make('w1')),
      order.run(scope(), 'a', false, make('r3')),
      order.run(scope(), 'b', true, make('other')),
    ]);
    await settle();
    expect(log).toEqual(['+r1', '+r2', '+other']);
    await end('r1');
    await end('r2');
    expect(log.slice(3)).toEqual(['-r1', '-r2', '+w1']);
    await end('w1');
    await end('r3');
    await end('other');
    await all;
    expect(log.slice(6)).toEqual(['-w1', '+r3', '-r3', '-other']);
    expect(order.idle).toBe(true);
  });

  it('work on the whole store runs between what was called before and after it', async () => {
    const order = new OperationOrder(10);
    const works = new Works();
    const all = Promise.all([
      order.run(scope(), 'a', true, works.make('before')),
      order.runAlone(scope(), works.make('whole')),
      order.run(scope(), 'b', false, works.make('after')),
    ]);
    await settle();
    expect(works.log).toEqual(['+before']);
    await works.end('before');
    expect(works.log).toEqual(['+before', '-before', '+whole']);
    await works.end('whole');
    await works.end('after');
    await all;
    expect(works.log.slice(3)).toEqual(['-whole', '+after', '-after']);
  });

  it('runs at most so many at once', async () => {
    const order = new OperationOrder(2);
    const works = new Works();
    const all = Promise.all(
      ['a', 'b', 'c'].map((name) => order.run(scope(), name, true, works.make(name))),
    );
    await settle();
    expect(works.log).toEqual(['+a', '+b']);
    await works.end('b');
    expect(works.log).toEqual(['+a', '+b', '-b', '+c']);
    await works.end('a');
    await works.end('c');
    await all;
  });

  it('gives up waiting, for the name, the store or a slot, when the deadline passes', async () => {
    const order = new OperationOrder(1);
    const works = new Works();
    const running = order.run(scope(), 'a', true, works.make('a'));
    const controller = new AbortController();
    const limited = new CallScope(controller.signal);
    const waiting = [
      order.run(limited, 'a', true, works.make('name')),
      order.run(limited, 'b', true, works.make('slot')),
      order.runAlone(limited, works.make('whole')),
      order.run(limited, 'c', true, works.make('behind')),
    ].map((one) => one.catch((error: unknown) => error));
    await settle();
    const reason = new Error('too late');
    controller.abort(reason);
    expect(await Promise.all(waiting)).toEqual([reason, reason, reason, reason]);
    const next = order.run(scope(), 'a', true, works.make('next'));
    await works.end('a');
    await works.end('next');
    await Promise.all([running, next]);
    expect(works.log).toEqual(['+a', '-a', '+next', '-next']);
    expect(order.idle).toBe(true);
  });

  it('what comes later waits for the end of work whose caller has gone', async () => {
    const order = new OperationOrder(10);
    const works = new Works();
    const controller = new AbortController();
    const limited = new CallScope(controller.signal);
    const given = limited.until(order.run(limited, 'a', true, works.make('slow')));
    const later = order.run(scope(), 'a', false, works.make('later'));
    controller.abort(new Error('too late'));
    await expect(given).rejects.toThrow('too late');
    await settle();
    expect(works.log).toEqual(['+slow']);
    await works.end('slow');
    await works.end('later');
    await later;
    expect(works.log).toEqual(['+slow', '-slow', '+later', '-later']);
  });

  it('what must not wait is not begun on a name in use', async () => {
    const order = new OperationOrder(10);
    const works = new Works();
    const running = order.run(scope(), 'a', false, works.make('a'));
    expect(order.tryRun('a', works.make('never'))).toBeUndefined();
    const other = order.tryRun('b', works.make('b'));
    const behind = order.run(scope(), 'b', false, works.make('behind'));
    await settle();
    await works.end('b');
    await works.end('behind');
    await works.end('a');
    await Promise.all([running, other, behind]);
    expect(works.log).toEqual(['+a', '+b', '-b', '+behind', '-behind', '-a']);
  });

  it('a failure is its own, and what waits behind it goes on', async () => {
    const order = new OperationOrder(1);
    const failing = order.run(scope(), 'a', true, () => Promise.reject(new Error('broken')));
    const next = order.run(scope(), 'a', true, () => Promise.resolve('fine'));
    await expect(failing).rejects.toThrow('broken');
    expect(await next).toBe('fine');
  });
});
