import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findPrometheus } from '../../src/prometheus/binaries.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'binaries-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

test('programs on PATH come first, and nothing is fetched', async () => {
  const bin = fakePrograms('bin', 'prometheus, version 2.53.1');
  const unpack = (): Promise<string> => Promise.reject(new Error('must not be asked'));
  expect(await findPrometheus({ folders: [folder, bin], unpack })).toEqual({
    prometheus: join(bin, 'prometheus'),
    promtool: join(bin, 'promtool'),
  });
});

test.each([
  ['too old', 'prometheus, version 2.39.0'],
  ['another program', 'hello'],
])('when that is %s, the package is fetched', async (_, says) => {
  const bin = fakePrograms('bin', says);
  fakePrograms('unpacked/usr/bin', 'prometheus, version 2.42.0+ds');
  const unpack = async (): Promise<string> => join(folder, 'unpacked');
  const { prometheus } = await findPrometheus({ folders: [bin], unpack });
  expect(prometheus).toBe(join(folder, 'unpacked/usr/bin/prometheus'));
});

test('when there is none, the error tells what was tried, and commands', async () => {
  await expect(findPrometheus({ folders: [folder], unpack: undefined })).rejects.toThrow(
    /PATH has no prometheus and promtool, there is no apt-get[^]*apt-get install prometheus/,
  );
});

function fakePrograms(name: string, says: string): string {
  const bin = join(folder, name);
  mkdirSync(bin, { recursive: true });
  for (const program of ['prometheus', 'promtool']) {
    writeFileSync(join(bin, program), `#!/bin/sh\necho "${says}"\n`, { mode: 0o755 });
  }
  return bin;
}
