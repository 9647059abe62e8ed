import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { giveTo, type Identity } from '../lifecycle/identity.ts';
import type { RunFolder } from '../lifecycle/run-layout.ts';
import { ServerProcess } from '../lifecycle/server-process.ts';
import type { PostgresBinaries } from './binaries.ts';

/** The user that owns everything in a started server. */
export const SUPERUSER = 'postgres';

/** One database cluster in a run folder. */
export interface Cluster {
  readonly binaries: PostgresBinaries;
  readonly folder: RunFolder;
  readonly identity: Identity | undefined;
}

/**
 * Settings of a server whose data need not survive the machine. It does survive `SIGKILL`: what is
 * committed has been written to the operating system, so commits stay synchronous and pages whole.
 */
const SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  fsync: 'off',
  logging_collector: 'off',
  log_checkpoints: 'off',
  // Shared memory in files of the data folder: nothing stays in /dev/shm after SIGKILL.
  dynamic_shared_memory_type: 'mmap',
};

/**
 * Makes the cluster's files; passwords are required even on loopback, since other users of the
 * machine reach that too.
 */
export async function initialise(
  cluster: Cluster,
  password: string,
  timeout: number,
): Promise<void> {
  const { binaries, folder, identity } = cluster;
  const passwordFile = join(folder.home, 'password');
  writeFileSync(passwordFile, password, { mode: 0o600 });
  giveTo(passwordFile, identity);
  const initdb = new ServerProcess({
    server: 'initdb',
    file: binaries.initdb,
    args: [
      `--pgdata=${dataFolder(folder)}`,
      `--username=${SUPERUSER}`,
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--no-locale',
      '--no-sync',
      '--no-instructions',
    ],
    env: environment(),
    folder,
    identity,
  });
  try {
    await initdb.completed(timeout);
  } finally {
    rmSync(passwordFile, { force: true });
  }
}

/** Starts the server on a port; not ready yet. */
export function launch(
  cluster: Cluster,
  port: number,
  settings: Readonly<Record<string, string>>,
): ServerProcess {
  const { binaries, folder, identity } = cluster;
  return new ServerProcess({
    server: 'postgres',
    file: binaries.postgres,
    args: [
      '-D',
      dataFolder(folder),
      '-p',
      String(port),
      ...Object.entries({ ...SETTINGS, ...settings }).flatMap(([name, value]) => [
        '-c',
        `${name}=${value}`,
      ]),
    ],
    env: environment(),
    folder,
    identity,
  });
}

/** Whether this very process has written that it takes connections; what `pg_ctl -w` goes by. */
export function saysReady(folder: RunFolder, pid: number): boolean {
  const lines = readPidFile(folder);
  return Number(lines[0]) === pid && lines[7]?.trim() === 'ready';
}

/**
 * Frees the System V segment (56 bytes, of which a system has few) that a killed server leaves behind.
 * Where there is no `ipcrm` it stays.
 */
export function freeSharedMemory(folder: RunFolder): void {
  const segment = readPidFile(folder)[6]?.trim().split(/\s+/)[1];
  if (segment === undefined || !/^\d+$/.test(segment)) return;
  spawnSync('ipcrm', ['-m', segment], { stdio: 'ignore', timeout: 5000 });
}

/** The lines of `postmaster.pid`; it is there from the start to a clean stop. */
function readPidFile(folder: RunFolder): readonly string[] {
  try {
    return readFileSync(join(dataFolder(folder), 'postmaster.pid'), 'utf8').split('\n');
  } catch {
    return [];
  }
}

function dataFolder(folder: RunFolder): string {
  return join(folder.home, 'data');
}

/** Nothing of our own environment: variables such as PGDATA or LC_ALL would change the server. */
function environment(): Readonly<Record<string, string>> {
  return { PATH: process.env['PATH'] ?? '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' };
}
