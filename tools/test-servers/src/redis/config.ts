import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError } from '@perf/core';
import { HOST } from '../lifecycle/managed-server.ts';
import type { RunFolder } from '../lifecycle/run-layout.ts';

/**
 * Lines of `redis.conf`: `{ maxmemory: '10mb', save: ['60 1', '300 10'] }`. A list gives a line for each of
 * its items; the empty text stands for `""`.
 */
export type RedisConfig = Readonly<Record<string, string | readonly string[]>>;

/**
 * What differs from Redis' own: what was written survives `SIGKILL` (not a power cut), replicas do not
 * wait, and a stop does not wait for them.
 */
const DEFAULTS: RedisConfig = {
  appendonly: 'yes',
  appendfsync: 'no',
  save: '',
  'repl-diskless-sync-delay': '0',
  'shutdown-timeout': '0',
};

/** What says where the server listens and keeps its files. */
const OURS = new Set([
  'port',
  'bind',
  'dir',
  'logfile',
  'daemonize',
  'supervised',
  'dbfilename',
  'appendfilename',
  'appenddirname',
  'cluster-config-file',
  'cluster-port',
  'include',
  'unixsocket',
]);

/** The folder of the data, which is all that goes when a server is to come back empty. */
export function dataFolder(folder: RunFolder): string {
  return join(folder.home, 'data');
}

/** The file of settings; the server itself may rewrite it. */
export function configFile(folder: RunFolder): string {
  return join(folder.home, 'redis.conf');
}

/**
 * The settings with the defaults and a random password; other users of the machine reach loopback too.
 * @throws {@link ConfigError} when one is ours to make, or is no line
 */
export function completeConfig(option: string, config: RedisConfig): RedisConfig {
  const lowered: Record<string, string | readonly string[]> = {};
  for (const [name, value] of Object.entries(config)) {
    const directive = name.toLowerCase();
    if (!/^[a-z][a-z-]*$/.test(directive)) {
      throw new ConfigError(`${option}.${name}`, value, 'a directive of redis.conf');
    }
    if (OURS.has(directive)) {
      throw new ConfigError(`${option}.${name}`, value, 'left out: it is set for each server');
    }
    const lines: readonly unknown[] = typeof value === 'string' ? [value] : value;
    if (!Array.isArray(lines) || !lines.every((line) => typeof line === 'string' && isLine(line))) {
      throw new ConfigError(
        `${option}.${name}`,
        value,
        'a text without line breaks, or a list of such',
      );
    }
    lowered[directive] = value;
  }
  return { ...DEFAULTS, requirepass: randomBytes(18).toString('base64url'), ...lowered };
}

/** The password among completed settings; `undefined` if clients need none. */
export function passwordOf(config: RedisConfig): string | undefined {
  const { requirepass } = config;
  return typeof requirepass === 'string' && requirepass !== '' ? requirepass : undefined;
}

/** Writes the settings of a server on a port, and makes its folder. */
export function writeConfig(folder: RunFolder, port: number, config: RedisConfig): void {
  mkdirSync(dataFolder(folder), { recursive: true, mode: 0o700 });
  const all: RedisConfig = {
    bind: HOST,
    port: String(port),
    dir: quoted(dataFolder(folder)),
    logfile: '',
    ...config,
    ...(passwordOf(config) !== undefined && { requirepass: quoted(passwordOf(config) ?? '') }),
  };
  const lines = Object.entries(all).flatMap(([name, value]) =>
    (typeof value === 'string' ? [value] : value).map(
      (line) => `${name} ${line === '' ? '""' : line}`,
    ),
  );
  // Only we may read it: it holds the password.
  writeFileSync(configFile(folder), `${lines.join('\n')}\n`, { mode: 0o600 });
}

/** A text as one argument of a directive. */
export function quoted(text: string): string {
  return `"${text.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
}

function isLine(text: string): boolean {
  return !/[\r\n\0]/.test(text);
}
