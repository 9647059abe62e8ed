import { homedir } from 'node:os';
import path from 'node:path';
import { ConfigError, systemClock } from '@perf/core';
import { describe, expect, it } from 'vitest';
import { sqliteStore } from '../src/index.ts';
import { resolveOptions } from '../src/sqlite-store-options.ts';

class Driver {}

describe('options', () => {
  it.each<[string, Record<string, unknown>]>([
    ['path', { path: '' }],
    ['path', { path: ':memory:' }],
    ['path', { path: 'file:cache.db' }],
    ['path', { path: 'cache\0.db' }],
    ['path', { path: 7 }],
    ['name', { name: '' }],
    ['maxEntries', { maxEntries: 0 }],
    ['maxEntries', { maxEntries: 1.5 }],
    ['maxBytes', { maxBytes: '5 potatoes' }],
    ['maxBytes', { maxBytes: -1 }],
    ['maxValueBytes', { maxValueBytes: '2kb', maxBytes: '1kb' }],
    ['maxFileBytes', { maxFileBytes: '1kb' }],
    ['maxValueBytes', { maxValueBytes: '128kb', maxFileBytes: '128kb' }],
    ['lockTimeout', { lockTimeout: 10_001 }],
    ['lockTimeout', { lockTimeout: -1 }],
    ['lockTimeout', { lockTimeout: Number.NaN }],
    ['sweepInterval', { sweepInterval: 0 }],
    ['recencyInterval', { recencyInterval: '0s' }],
    ['dropLog', { dropLog: 0 }],
    ['worker', { worker: 'yes' }],
    ['driver', { driver: {} }],
    ['driver', { worker: true, driver: Driver }],
    ['clock', { worker: true, clock: systemClock }],
    ['sqliteStore.pth', { pth: 'x' }],
    ['sqliteStore.path', { path: null }],
    ['sqliteStore.maxEntries', { maxEntries: null }],
    ['sqliteStore.lockTimeout', { lockTimeout: null }],
    ['sqliteStore.worker', { worker: null }],
    ['sqliteStore.clock', { clock: null }],
  ])('refuses a wrong %s: %o', (option, options) => {
    const create = (): unknown => sqliteStore({ path: 'cache.db', ...options });
    expect(create).toThrow(ConfigError);
    expect(create).toThrow(expect.objectContaining({ option }));
  });

  it('an event that there is not is refused, with those that there are', () => {
    const store = sqliteStore({ path: 'cache.db' });
    expect(() => store.on('evicted' as never, () => {})).toThrow(
      "event must be one of 'corrupt', 'replaced', 'evict', 'busy', 'trouble', got \"evicted\"",
    );
  });

  it('expand the home folder and make paths absolute', () => {
    expect(resolveOptions({ path: '~/caches/a.db' }).path).toBe(
      path.join(homedir(), 'caches/a.db'),
    );
    expect(resolveOptions({ path: '~' }).path).toBe(homedir());
    expect(resolveOptions({ path: '~user.db' }).path).toBe(path.resolve('~user.db'));
    expect(resolveOptions({ path: 'a.db' }).path).toBe(path.resolve('a.db'));
  });

  it('have defaults for every bound', () => {
    expect(resolveOptions({ path: 'a.db' })).toMatchObject({
      maxEntries: 1_000_000,
      maxBytes: 512 * 1024 ** 2,
      maxValueBytes: 16 * 1024 ** 2,
      maxFileBytes: Infinity,
      lockTimeout: 200,
      dropLog: 10_000,
    });
    expect(resolveOptions({ path: 'a.db', maxBytes: '1mb' }).maxValueBytes).toBe(1024 ** 2);
    expect(resolveOptions({ path: 'a.db', maxFileBytes: '128kb' }).maxValueBytes).toBe(11 * 4092);
  });
});
