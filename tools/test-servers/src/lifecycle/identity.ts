import { spawnSync } from 'node:child_process';
import { chownSync } from 'node:fs';

/** Another user to run a server as. */
export interface Identity {
  readonly uid: number;
  readonly gid: number;
}

/** `nobody` on every current Linux distribution. */
const NOBODY = 65_534;

/**
 * Whom to run a server as that refuses to run as root: `nobody` if we are root, otherwise
 * `undefined`, which means ourselves.
 */
export function unprivilegedIdentity(): Identity | undefined {
  return process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : undefined;
}

/** Gives a file or folder to the identity, if there is one. */
export function giveTo(path: string, identity: Identity | undefined): void {
  if (identity !== undefined) chownSync(path, identity.uid, identity.gid);
}

/**
 * Whether the identity may execute the file, or enter the folder: every parent folder can be
 * traversed and the file system allows it. The kernel is asked, as that identity.
 */
export function canExecute(path: string, identity: Identity | undefined): boolean {
  const { status } = spawnSync('/bin/sh', ['-c', 'test -x "$1"', 'sh', path], {
    ...identity,
    cwd: '/',
    stdio: 'ignore',
    timeout: 10_000,
  });
  return status === 0;
}
