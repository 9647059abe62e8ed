import { readFileSync, readlinkSync } from 'node:fs';
import { signal } from './process-tree.ts';

/** A process, told apart from a later one of the same number where the system lets us. */
export interface Owner {
  readonly pid: number;
  /** When it started, in the system's own unit; absent where it cannot be read. */
  readonly started?: string;
  /** The process-number namespace (container) that `pid` belongs to. */
  readonly namespace?: string;
}

/** This process. */
export function describeSelf(): Owner {
  const started = startOf(process.pid);
  const namespace = ownNamespace();
  return {
    pid: process.pid,
    ...(started !== undefined && { started }),
    ...(namespace !== undefined && { namespace }),
  };
}

/** Whether the owner is known to have ended. False when it cannot be told from here. */
export function hasEnded(owner: Owner): boolean {
  if (owner.namespace !== ownNamespace()) return false;
  if (!exists(owner.pid)) return true;
  return owner.started !== undefined && startOf(owner.pid) !== owner.started;
}

function exists(pid: number): boolean {
  try {
    return signal(pid, 0);
  } catch {
    return true; // EPERM: it is there, but somebody else's.
  }
}

function ownNamespace(): string | undefined {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return undefined;
  }
}

/** Field 22 of `/proc/<pid>/stat`, counted from behind the name, which may hold anything. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}
