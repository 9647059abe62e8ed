import { MissingDriverError, TimeoutError } from '@perf/core';
import { describe, expect, it } from 'vitest';
import { createCache, PendingLostError, StoreUnavailableError } from '../src/index.ts';
import { controllableStore, referenceStore } from '../src/testing.ts';

const messageOf = (cause: unknown): string =>
  new StoreUnavailableError('redis', 'getMany', { cause }).message;

describe('the message of a store that failed', () => {
  it('tells what lies at the bottom, in one sentence', () => {
    const refused = new Error('connect ECONNREFUSED 127.0.0.1:6379');
    const cause = new Error('not connected', { cause: refused });
    expect(messageOf(cause)).toBe(
      'store "redis" failed at getMany: not connected: connect ECONNREFUSED 127.0.0.1:6379',
    );
    expect(messageOf(new TimeoutError('the call', 250))).toBe(
      'store "redis" failed at getMany: the call took longer than 250 ms',
    );
    expect(new StoreUnavailableError('redis', 'getMany').message).toBe(
      'store "redis" failed at getMany',
    );
  });

  it('tells how to install a driver that is missing, and not where it was looked for', () => {
    const cause = new Error('Cannot find package\nRequire stack:\n- /srv/app.js');
    const message = messageOf(new MissingDriverError('ioredis', '@perf/cache-redis', { cause }));
    expect(message).toMatch(/^store "redis" failed at getMany: .*Run: npm install ioredis$/);
  });

  it('says nothing twice, and takes the first of several addresses', () => {
    const cause = new Error('disk I/O error', { cause: new Error('disk I/O error') });
    expect(messageOf(cause)).toBe('store "redis" failed at getMany: disk I/O error');
    const errors = [new Error('connect ECONNREFUSED ::1:6379'), new Error('other')];
    expect(messageOf(new AggregateError(errors))).toBe(
      'store "redis" failed at getMany: connect ECONNREFUSED ::1:6379',
    );
  });

  it('is one line of bounded length, whatever the causes', () => {
    const endless = new Error('a\nb');
    endless.cause = endless;
    expect(messageOf(endless)).toBe('store "redis" failed at getMany: a b');
    expect(messageOf('x'.repeat(100_000)).length).toBeLessThan(600);
    for (const cause of [undefined, null, '', new Error('')]) {
      expect(messageOf(cause)).toBe('store "redis" failed at getMany');
    }
  });

  it.each([
    'connect redis://user:hunter2@db:6379/0 failed',
    'connect rediss://:p@hunter2@db:6379 failed',
    "ERR unknown command 'HELLO', with args beginning with: '3' 'AUTH' 'default' 'hunter2'",
  ])('keeps a password to itself: %s', (text) => {
    expect(messageOf(new Error(text))).not.toContain('hunter2');
  });
});

describe('an error event', () => {
  it('names the store once, and carries what the store threw', async () => {
    const store = controllableStore(referenceStore({ name: 'sqlite' }));
    const cache = createCache<string>({ stores: [store] });
    const messages: unknown[] = [];
    cache.on('error', ({ error }) => messages.push((error as Error).message));
    store.fail(
      'getMany',
      new StoreUnavailableError('sqlite', 'getMany', { cause: new Error('EACCES: denied') }),
    );
    await cache.get('a');
    expect(messages).toEqual(['store "sqlite" failed at getMany: EACCES: denied']);
    await cache.close();
  });
});

it('what was not written when a cache was closed is counted as one invalidation, or several', () => {
  expect(new PendingLostError('fs', 1).message).toMatch(/^1 invalidation could not be written/);
  expect(new PendingLostError('fs', 2).message).toMatch(/^2 invalidations could not be written/);
});
