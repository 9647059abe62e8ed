import { copyFileSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError } from '@perf/core';
import type { RunFolder } from '../lifecycle/run-layout.ts';
import { dataFolder } from './config.ts';
import type { RedisSnapshot } from './redis-server.ts';

/** The names that Redis gives its files when nothing else is said. */
const RDB = 'dump.rdb';
const AOF_FOLDER = 'appendonlydir';
const AOF_BASE = 'appendonly.aof.1.base.rdb';
const AOF_MANIFEST = 'appendonly.aof.manifest';

/** Keeps what `SAVE` has just written. */
export function keepSnapshot(folder: RunFolder, number: number): RedisSnapshot {
  const snapshots = snapshotFolder(folder);
  mkdirSync(snapshots, { recursive: true, mode: 0o700 });
  const file = join(snapshots, `${number}.rdb`);
  copyFileSync(join(dataFolder(folder), RDB), `${file}.partial`);
  renameSync(`${file}.partial`, file);
  return { file };
}

/** Removes the data of a server that is down. */
export function clearData(folder: RunFolder): void {
  rmSync(dataFolder(folder), { recursive: true, force: true });
  mkdirSync(dataFolder(folder), { mode: 0o700 });
}

/**
 * Puts a snapshot in the place of the data of a server that is down. With an append-only file, Redis 7
 * reads nothing else, so the snapshot becomes that file's base as well.
 * @see https://redis.io/docs/latest/operate/oss_and_stack/management/persistence/#append-only-file
 */
export function restoreSnapshot(folder: RunFolder, { file }: RedisSnapshot): void {
  clearData(folder);
  copyFileSync(file, join(dataFolder(folder), RDB));
  const aof = join(dataFolder(folder), AOF_FOLDER);
  mkdirSync(aof, { mode: 0o700 });
  copyFileSync(file, join(aof, AOF_BASE));
  writeFileSync(join(aof, AOF_MANIFEST), `file ${AOF_BASE} seq 1 type b\n`);
}

/** @throws {@link ConfigError} when the snapshot is not of this server, or is gone */
export function checkSnapshot(folder: RunFolder, snapshot: RedisSnapshot): void {
  const ours = snapshot.file.startsWith(`${snapshotFolder(folder)}/`) && existsSync(snapshot.file);
  if (!ours) throw new ConfigError('snapshot', snapshot.file, 'one that this server has saved');
}

function snapshotFolder(folder: RunFolder): string {
  return join(folder.home, 'snapshots');
}
