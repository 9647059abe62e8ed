import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { unprivilegedIdentity } from '../../src/lifecycle/identity.ts';
import type { PostgresBinaries } from '../../src/postgres/binaries.ts';
import { runnableBinaries } from '../../src/postgres/runnable.ts';

let folder: string;
let cache: string;
beforeEach(() => {
  folder = mkdtempSync('/tmp/runnable-');
  chmodSync(folder, 0o755);
  vi.stubEnv('TMPDIR', folder);
  cache = join(folder, `perf-test-servers-${process.getuid?.()}`);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

test('binaries that can be run are used where they are', async () => {
  const binaries = install();
  expect(await runnableBinaries(binaries, unprivilegedIdentity())).toBe(binaries);
  expect(existsSync(cache)).toBe(false);
});

test('links that the package did not make are made in a copy, once', async () => {
  const binaries = { ...install(), links: [{ path: 'lib/libx.so', to: 'lib/libx.so.1' }] };
  const copy = await runnableBinaries(binaries, unprivilegedIdentity());
  expect(copy.root.startsWith(cache)).toBe(true);
  expect(readlinkSync(join(copy.root, 'lib/libx.so'))).toBe('libx.so.1');
  expect(copy.postgres).toBe(join(copy.root, 'bin/postgres'));
  expect((await runnableBinaries(binaries, unprivilegedIdentity())).root).toBe(copy.root);
  expect(readdirSync(cache)).toHaveLength(1);
});

test('binaries in a folder that the server’s user cannot enter are copied', async () => {
  const binaries = install();
  chmodSync(join(folder, 'installed'), 0o700);
  const identity = unprivilegedIdentity();
  // Only root runs servers as somebody else.
  const { root } = await runnableBinaries(binaries, identity);
  expect(root.startsWith(cache)).toBe(identity !== undefined);
});

test('a cache folder that others can write to is not trusted', async () => {
  mkdirSync(cache);
  chmodSync(cache, 0o777);
  const binaries = { ...install(), links: [{ path: 'lib/libx.so', to: 'lib/libx.so.1' }] };
  await expect(runnableBinaries(binaries, unprivilegedIdentity())).rejects.toThrow(
    /can be written by others/,
  );
});

test('a copy that cannot be run either is an error that names TMPDIR', async () => {
  const binaries = install();
  chmodSync(binaries.postgres, 0o644);
  await expect(runnableBinaries(binaries, unprivilegedIdentity())).rejects.toThrow(
    /noexec\? Set TMPDIR/,
  );
});

test('a local installation is never copied', async () => {
  const binaries = install();
  chmodSync(binaries.postgres, 0o644);
  await expect(
    runnableBinaries({ ...binaries, origin: 'local' }, unprivilegedIdentity()),
  ).rejects.toThrow(/cannot be run by uid/);
});

function install(): PostgresBinaries {
  const root = join(folder, 'installed');
  mkdirSync(join(root, 'bin'), { recursive: true });
  mkdirSync(join(root, 'lib'));
  writeFileSync(join(root, 'lib/libx.so.1'), '');
  const [initdb, postgres] = ['initdb', 'postgres'].map((name) => join(root, 'bin', name)) as [
    string,
    string,
  ];
  for (const path of [initdb, postgres]) writeFileSync(path, '#!/bin/sh\n', { mode: 0o755 });
  return { origin: 'package', root, initdb, postgres, version: '18', links: [] };
}
