import { expect, it } from 'vitest';
import {
  SHARDS,
  entryName,
  entryNames,
  entryPath,
  isShard,
  isTrash,
  shardOf,
  temporaryAge,
  temporaryPath,
  trashPath,
} from '../../src/disk/layout.ts';

it("an entry's path consists of hexadecimal digits whatever the key", () => {
  for (const key of ['a', '../../x', '/etc/passwd', '\0', 'x'.repeat(2 ** 20), '__proto__']) {
    expect(entryPath('/store', entryName(key))).toMatch(
      /^\/store\/perf1-[0-9a-f]{2}\/[0-9a-f]{62}$/,
    );
  }
});

it('there are 256 shards, and each name belongs to one', () => {
  expect(new Set(SHARDS).size).toBe(256);
  expect(SHARDS.every(isShard)).toBe(true);
  expect(SHARDS).toContain(shardOf(entryName('a')));
});

it('a name is found again in the listing of its shard, other files are not', () => {
  const name = entryName('a');
  const files = [name.slice(2), 'x', '..', name.toUpperCase().slice(2), `${name.slice(2)}.tmp`];
  expect(entryNames(shardOf(name), files)).toEqual([name]);
});

it('temporary names differ and tell their age', () => {
  const path = temporaryPath('/store', 1_700_000_000_000);
  expect(temporaryPath('/store', 1_700_000_000_000)).not.toBe(path);
  expect(temporaryAge(path.slice('/store/'.length), 1_700_000_005_000)).toBe(5000);
  for (const other of ['perf1-tmp-', 'perf1-00', 'x', 'perf1-tmp-A-b']) {
    expect(temporaryAge(other, 0)).toBeUndefined();
  }
});

it('the kinds of names are told apart', () => {
  const trash = trashPath('/store').slice('/store/'.length);
  expect([isTrash(trash), isShard(trash)]).toEqual([true, false]);
  expect([isTrash('perf1-00'), isShard('perf1-zz'), isShard('perf2-00')]).toEqual([
    false,
    false,
    false,
  ]);
});
