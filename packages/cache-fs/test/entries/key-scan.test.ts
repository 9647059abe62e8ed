import { writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { KnownKeys } from '../../src/entries/known-keys.ts';
import { call, keysOf, makeHarness, set } from '../fixtures/harness.ts';

describe('a scan', () => {
  it('reads a file for its key once', async () => {
    const { store, fileOf, damaged } = await makeHarness();
    for (const key of ['a', 'b']) await set(store, key, 'v');
    expect(await keysOf(store)).toEqual(['a', 'b']);
    await writeFile(fileOf('a'), 'nothing of ours');
    expect(await keysOf(store)).toEqual(['a', 'b']);
    expect(damaged).toEqual([]);
  });

  it('does not find what is gone or has expired although its key is known', async () => {
    const { store, clock } = await makeHarness();
    await set(store, 'gone', 'v');
    await set(store, 'short', 'v', 1000);
    await set(store, 'long', 'v');
    expect(await keysOf(store)).toEqual(['gone', 'long', 'short']);
    await store.deleteMany(['gone'], call());
    clock.advance(1000);
    expect(await keysOf(store)).toEqual(['long']);
    await set(store, 'gone', 'v');
    expect(await keysOf(store, 'g')).toEqual(['gone']);
  });

  it('finds what another process has written anew where this one knows of an entry that has expired', async () => {
    const { store, another, clock } = await makeHarness();
    const other = another();
    await set(store, 'a', 'v', 1000);
    expect(await keysOf(store)).toEqual(['a']);
    await set(other, 'a', 'v');
    await set(other, 'b', 'v');
    clock.advance(1000);
    expect(await keysOf(store)).toEqual(['a', 'b']);
  });
});

describe('the keys that are known', () => {
  it('are bounded by their length together; the oldest go first', () => {
    const known = new KnownKeys(10);
    const names = ['1', '2', '3', '4'];
    for (const name of names) known.add(name, name.repeat(3));
    expect(names.map((name) => known.get(name))).toEqual([undefined, '222', '333', '444']);
    known.add('5', 'x'.repeat(11));
    known.add('4', '444');
    expect([known.get('5'), known.get('2')]).toEqual([undefined, '222']);
    known.add('6', 'x'.repeat(10));
    expect(names.map((name) => known.get(name))).toEqual(names.map(() => undefined));
  });

  it('are none that are very long', () => {
    const known = new KnownKeys();
    known.add('1', 'x'.repeat(1025));
    known.add('2', 'x'.repeat(1024));
    expect([known.get('1'), known.get('2')?.length]).toEqual([undefined, 1024]);
  });
});
