import { createDeferred } from '@perf/core';
import { settle } from '@perf/core/testing';
import { describe, expect, it } from 'vitest';
import { KeyChain } from '../../src/context/key-chain.ts';

describe('a key chain', () => {
  it('starts a task in the same turn when nothing is under way', async () => {
    let started = false;
    const running = new KeyChain().run(['a'], async () => {
      started = true;
    });
    expect(started).toBe(true);
    await running;
  });

  it('runs tasks of one key in call order and those of others side by side', async () => {
    const chain = new KeyChain();
    const first = createDeferred();
    const order: string[] = [];
    const task = (name: string, until?: Promise<void>) => async (): Promise<void> => {
      order.push(`${name} begins`);
      await until;
      order.push(`${name} ends`);
    };
    const all = [
      chain.run(['a', 'b'], task('ab', first.promise)),
      chain.run(['b', 'c'], task('bc')),
      chain.run(['c'], task('c')),
      chain.run(['d'], task('d')),
    ];
    await settle();
    expect(order).toEqual(['ab begins', 'd begins', 'd ends']);
    first.resolve();
    await Promise.all(all);
    expect(order.slice(3)).toEqual(['ab ends', 'bc begins', 'bc ends', 'c begins', 'c ends']);
  });

  it('goes on after a task that failed', async () => {
    const chain = new KeyChain();
    const failing = chain.run(['a'], () => Promise.reject(new Error('no')));
    const next = chain.run(['a'], () => Promise.resolve(1));
    await expect(failing).rejects.toThrow('no');
    expect(await next).toBe(1);
  });

  it('runs a task alone: after all earlier ones, before all later ones', async () => {
    const chain = new KeyChain();
    const earlier = createDeferred();
    const alone = createDeferred();
    const order: string[] = [];
    const all = [
      chain.run(['a'], () => earlier.promise),
      chain.runAlone(async () => {
        order.push('alone');
        await alone.promise;
      }),
      chain.run(['b'], async () => {
        order.push('later');
      }),
      chain.runAlone(async () => {
        order.push('alone again');
      }),
    ];
    await settle();
    expect(order).toEqual([]);
    earlier.resolve();
    await settle();
    expect(order).toEqual(['alone']);
    alone.resolve();
    await Promise.all(all);
    expect(order).toEqual(['alone', 'later', 'alone again']);
  });

  it('tells when all that was called before has settled, whatever is called after', async () => {
    const chain = new KeyChain();
    const earlier = createDeferred();
    const later = createDeferred();
    const order: string[] = [];
    const first = chain.run(['a'], () => earlier.promise);
    const told = chain.settled().then(() => order.push('settled'));
    const second = chain.run(['b'], () => later.promise);
    await settle();
    expect(order).toEqual([]);
    earlier.reject(new Error('no'));
    await told;
    expect(order).toEqual(['settled']);
    later.resolve();
    await Promise.allSettled([first, second]);
  });

  it('is busy for a key exactly while a task of it, or one that runs alone, is not done', async () => {
    const chain = new KeyChain();
    const one = createDeferred();
    const running = chain.run(['a'], () => one.promise);
    expect([chain.busy('a'), chain.busy('b')]).toEqual([true, false]);
    one.resolve();
    await running;
    expect(chain.busy('a')).toBe(false);
    const whole = createDeferred();
    const alone = chain.runAlone(() => whole.promise);
    expect(chain.busy('b')).toBe(true);
    whole.resolve();
    await alone;
    expect(chain.busy('b')).toBe(false);
  });
});
