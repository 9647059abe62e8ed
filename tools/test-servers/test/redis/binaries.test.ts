import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findRedis, systemPlaces } from '../../src/redis/binaries.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'binaries-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

test('redis-server on PATH comes first, and nothing is fetched', async () => {
  const bin = fakeRedis('bin', '7.2.4');
  const found = await findRedis({ folders: [folder, bin], unpack: fetchNothing });
  expect(found).toEqual({
    origin: 'local',
    redisServer: join(bin, 'redis-server'),
    env: {},
    version: '7.2.4',
  });
});

test.each([
  ['too old', () => fakeRedis('bin', '6.0.16')],
  ['broken', () => fakeProgram('bin', 'echo "cannot open shared object file" >&2; exit 127')],
  ['another program', () => fakeProgram('bin', 'echo hello')],
  ['not there', () => folder],
])('when that is %s, the packages are fetched and run with their own libraries', async (_, bin) => {
  const root = join(folder, 'unpacked');
  fakeRedis('unpacked/usr/bin', '7.0.15');
  mkdirSync(join(root, 'usr/lib/x86_64-linux-gnu'), { recursive: true });
  const found = await findRedis({ folders: [bin()], unpack: async () => root });
  expect(found).toMatchObject({
    origin: 'debian',
    redisServer: join(root, 'usr/bin/redis-server'),
    version: '7.0.15',
  });
  expect(found.env['LD_LIBRARY_PATH']).toContain(join(root, 'usr/lib/x86_64-linux-gnu'));
});

test('when there is none, the error tells what was tried, the variable and commands', async () => {
  const bin = fakeRedis('bin', '6.0.16');
  const search = findRedis({ folders: [bin], unpack: undefined });
  await expect(search).rejects.toThrow(expect.objectContaining({ code: 'PERF_TEST_SERVER' }));
  await expect(search).rejects.toThrow(/redis-server is version 6\.0\.16, there is no apt-get/);
  await expect(search).rejects.toThrow(/apt-get install redis-server\n[^]*PERF_REDIS_URL=redis:/);
});

test('why packages could not be fetched, or do not run, is told', async () => {
  const failing = findRedis({ folders: [], unpack: () => Promise.reject(new Error('no network')) });
  await expect(failing).rejects.toThrow(/PATH has no redis-server, no network/);
  const root = join(folder, 'unpacked');
  fakeProgram('unpacked/usr/bin', 'echo "libssl.so.3: cannot open" >&2; exit 127');
  const broken = findRedis({ folders: [], unpack: async () => root });
  await expect(broken).rejects.toThrow(/libssl\.so\.3: cannot open; remove .*unpacked/);
});

test('apt is asked only where there are its programs', () => {
  expect(systemPlaces({ PATH: folder })).toEqual({ folders: [folder], unpack: undefined });
  for (const name of ['apt-get', 'dpkg-deb']) {
    writeFileSync(join(folder, name), '');
    chmodSync(join(folder, name), 0o755);
  }
  expect(systemPlaces({ PATH: `/nowhere:${folder}` }).unpack).toBeTypeOf('function');
});

async function fetchNothing(): Promise<never> {
  throw new Error('must not be asked');
}

function fakeRedis(name: string, version: string): string {
  return fakeProgram(name, `echo "Redis server v=${version} sha=00000000:0 bits=64"`);
}

function fakeProgram(name: string, script: string): string {
  const bin = join(folder, name);
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(bin, 'redis-server'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return bin;
}
