import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { libraryPath, unpackDebianPackages } from '../../src/debian-packages/unpack-packages.ts';

const wanted = { server: 'thing', packages: ['thing-server', 'libthing1'] };
let folder: string;
let cache: string;
let said: string[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'unpack-'));
  chmodSync(folder, 0o755);
  cache = join(folder, `perf-test-servers-${process.getuid?.()}`);
  mkdirSync(join(folder, 'bin'));
  vi.stubEnv('TMPDIR', folder);
  vi.stubEnv('PATH', `${join(folder, 'bin')}:${process.env['PATH']}`);
  said = [];
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    said.push(String(text));
    return true;
  });
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

test('packages are downloaded and unpacked once, with one line that says so', async () => {
  fakeApt({ listsFilled: true });
  fakeDpkg();
  const root = await unpackDebianPackages(wanted);
  expect(root.startsWith(`${cache}/thing-debian-`)).toBe(true);
  expect(readdirSync(root).toSorted()).toEqual(['libthing1.deb', 'thing-server.deb']);
  expect(said.join('')).toMatch(/^perf: downloading thing .*thing-server, libthing1.*\n$/);
  expect(await unpackDebianPackages(wanted)).toBe(root);
  expect(calls()).toEqual(['download']);
  expect(readdirSync(cache)).toHaveLength(1);
});

test('asked for twice at once, they are downloaded once', async () => {
  fakeApt({ listsFilled: true });
  fakeDpkg();
  const [one, two] = await Promise.all([
    unpackDebianPackages(wanted),
    unpackDebianPackages(wanted),
  ]);
  expect(one).toBe(two);
  expect(calls()).toEqual(['download']);
});

test('when another process was first, its folder is taken', async () => {
  fakeApt({ listsFilled: true });
  const first = await unpackWith('true');
  rmSync(first, { recursive: true });
  const second = await unpackWith(`mkdir -p "${first}" && touch "${first}/theirs"`);
  expect(second).toBe(first);
  expect(readdirSync(first)).toEqual(['theirs']);
  expect(readdirSync(cache)).toHaveLength(1);
});

test('with empty package lists, fresh ones are read into a folder of their own and not kept', async () => {
  fakeApt({ listsFilled: false });
  fakeDpkg();
  const root = await unpackDebianPackages(wanted);
  expect(calls()).toEqual(['download', 'update', 'download']);
  expect(readdirSync(root).toSorted()).toEqual(['libthing1.deb', 'thing-server.deb']);
});

test('what apt says when it fails is told, and nothing is kept', async () => {
  fakeProgram('apt-get', 'echo "E: Unable to locate package thing-server" >&2; exit 100');
  fakeDpkg();
  await expect(unpackDebianPackages(wanted)).rejects.toThrow(
    /could not download thing-server, libthing1: E: Unable to locate package/,
  );
  expect(readdirSync(cache)).toEqual([]);
});

test('what dpkg says when it fails is told, and nothing is kept', async () => {
  fakeApt({ listsFilled: true });
  fakeProgram('dpkg-deb', 'echo "not a Debian format archive" >&2; exit 2');
  await expect(unpackDebianPackages(wanted)).rejects.toThrow(/not a Debian format archive/);
  expect(readdirSync(cache)).toEqual([]);
});

test('what a killed process left half done an hour ago is removed, what is being done stays', async () => {
  fakeApt({ listsFilled: true });
  fakeDpkg();
  for (const name of ['partial-old', 'partial-new']) {
    mkdirSync(join(cache, name), { recursive: true });
  }
  utimesSync(join(cache, 'partial-old'), 0, 0);
  const root = await unpackDebianPackages(wanted);
  expect(readdirSync(cache).toSorted()).toEqual(['partial-new', basename(root)]);
});

test('libraries are looked for in the folders of this processor and in the common ones', () => {
  for (const path of ['usr/lib/aarch64-linux-gnu', 'lib/aarch64-linux-gnu', 'usr/lib/python3']) {
    mkdirSync(join(folder, path), { recursive: true });
  }
  expect(libraryPath(folder).split(':')).toEqual(
    ['usr/lib/aarch64-linux-gnu', 'usr/lib', 'lib/aarch64-linux-gnu', 'lib'].map((path) =>
      join(folder, path),
    ),
  );
});

async function unpackWith(script: string): Promise<string> {
  fakeDpkg(script);
  return unpackDebianPackages(wanted);
}

/** An apt-get that notes what it was asked, and has the packages in its lists or in fresh ones. */
function fakeApt({ listsFilled }: { readonly listsFilled: boolean }): void {
  fakeProgram(
    'apt-get',
    `
    lists=${listsFilled ? '/filled' : '/empty'}
    while [ $# -gt 0 ]; do
      case $1 in
        -o) case $2 in Dir::State::Lists=*) lists=\${2#*=} ;; esac; shift 2 ;;
        -q) shift ;;
        *) break ;;
      esac
    done
    echo "$1" >>"${folder}/calls"
    if [ "$1" = update ]; then touch "$lists/filled"; exit; fi
    [ "$lists" = /filled ] || [ -e "$lists/filled" ] || { echo 'E: no such package' >&2; exit 100; }
    shift
    for name; do touch "$name.deb"; done`,
  );
}

/** A dpkg-deb that unpacks a file of the package's name. */
function fakeDpkg(before = 'true'): void {
  fakeProgram('dpkg-deb', `${before}\ncp "$2" "$3"`);
}

function fakeProgram(name: string, script: string): void {
  writeFileSync(join(folder, 'bin', name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
}

function calls(): readonly string[] {
  const path = join(folder, 'calls');
  return existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : [];
}
