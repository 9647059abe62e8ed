import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { layoutOf, type RunFolder } from '../../src/lifecycle/run-layout.ts';
import {
  completeConfig,
  configFile,
  passwordOf,
  writeConfig,
  type RedisConfig,
} from '../../src/redis/config.ts';

let folder: RunFolder;
beforeEach(() => {
  folder = layoutOf(mkdtempSync(join(tmpdir(), 'config-')));
});
afterEach(() => {
  rmSync(folder.path, { recursive: true });
});

test('without settings there are persistence and a password, another one each time', () => {
  const [one, two] = [completeConfig('config', {}), completeConfig('config', {})];
  expect(one).toMatchObject({ appendonly: 'yes', appendfsync: 'no', save: '' });
  expect(passwordOf(one)).toMatch(/^[\w-]{24}$/);
  expect(passwordOf(two)).not.toBe(passwordOf(one));
});

test('given settings go before, whatever the case of their names', () => {
  const config = completeConfig('config', { AppendOnly: 'no', requirepass: '' });
  expect(config).toMatchObject({ appendonly: 'no' });
  expect(passwordOf(config)).toBe(undefined);
});

test.each([
  ['one that the package makes', { Port: '1' }, /config\.Port/],
  ['one that names another file', { include: '/etc/redis.conf' }, /config\.include/],
  ['a name that is no directive', { 'save 1 1\nport': '1' }, /directive of redis\.conf/],
  ['a second line', { save: '1 1\nport 1' }, /without line breaks/],
  ['a second line in a list', { user: ['a on', 'b on\r\nport 1'] }, /without line breaks/],
  ['what is no text', { maxmemory: 1 as unknown as string }, /without line breaks/],
])('%s is refused', (_name, config, reason) => {
  expect(() => completeConfig('config', config)).toThrow(reason);
});

test('a list becomes lines, an empty text becomes "", and a password is one argument', () => {
  const config: RedisConfig = {
    save: ['900 1', '60 100'],
    notify: '',
    requirepass: String.raw`a "b" \c`,
  };
  writeConfig(folder, 7000, config);
  const lines = readFileSync(configFile(folder), 'utf8').trimEnd().split('\n');
  expect(lines).toEqual([
    'bind 127.0.0.1',
    'port 7000',
    `dir "${join(folder.home, 'data')}"`,
    'logfile ""',
    'save 900 1',
    'save 60 100',
    'notify ""',
    String.raw`requirepass "a \"b\" \\c"`,
  ]);
  expect(statSync(configFile(folder)).mode & 0o777).toBe(0o600);
});
