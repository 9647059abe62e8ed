import { execFileSync } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { systemClock } from '@perf/core';

/**
 * Sends a signal to a process; false if there is none of that number any more.
 * @param signal `0` to ask only
 */
export function signal(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}

/** How often a process is asked whether it has stopped, and how long it may take, in milliseconds. */
const POLL = 2;
const STOP_TIMEOUT = 5000;

/**
 * Stops a process and all its descendants, wherever they have put themselves (PostgreSQL's backends
 * are sessions of their own, so a process group does not reach them). Resolves when every one of
 * them has stopped. The root goes first, so that it cannot start another child meanwhile.
 * @returns the processes that were there
 */
export async function stopTree(pid: number): Promise<readonly number[]> {
  if (!signal(pid, 'SIGSTOP')) return [];
  await stopped(pid);
  const rest = descendants(pid);
  for (const descendant of rest) signal(descendant, 'SIGSTOP');
  await Promise.all(rest.map(stopped));
  return [pid, ...rest];
}

/**
 * Ends a process and all its descendants by `SIGKILL`; none of them sees another one end.
 * @returns the processes that were there; they may still be dying
 */
export async function killTree(pid: number): Promise<readonly number[]> {
  const tree = await stopTree(pid);
  for (const member of tree) signal(member, 'SIGKILL');
  return tree;
}

/** Continues a stopped tree: children before their parent, which may wait for them. */
export function continueTree(pid: number): void {
  for (const descendant of descendants(pid)) signal(descendant, 'SIGCONT');
  signal(pid, 'SIGCONT');
}

/** The processes that a process started, and theirs. */
export function descendants(pid: number): readonly number[] {
  const childrenOf = process.platform === 'linux' ? childrenFromProc : childrenFromPs();
  const found: number[] = [];
  const open = [pid];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const children = childrenOf(next);
    found.push(...children);
    open.push(...children);
  }
  return found;
}

/**
 * Whether a process is alive (a zombie is not) and works inside a folder. Tells a server from another
 * process that was given its number later.
 */
export function worksIn(pid: number, folder: string): boolean {
  try {
    const place =
      process.platform === 'linux'
        ? readlinkSync(`/proc/${pid}/cwd`)
        : execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' });
    return process.platform === 'linux'
      ? place === folder || place.startsWith(`${folder}/`)
      : place.includes(folder);
  } catch {
    return false;
  }
}

/** A signal takes effect a moment later than it is sent. A process in the kernel's hands may take longer. */
async function stopped(pid: number): Promise<void> {
  const deadline = systemClock.now() + STOP_TIMEOUT;
  while (!'TtZX'.includes(stateOf(pid)) && systemClock.now() < deadline) await delay(POLL);
}

/** The letter of a process's state: `T` stopped, `Z` zombie; `X` for one that is gone. */
function stateOf(pid: number): string {
  try {
    if (process.platform !== 'linux') {
      return execFileSync('ps', ['-o', 'state=', '-p', String(pid)], { encoding: 'utf8' }).charAt(
        0,
      );
    }
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.charAt(stat.lastIndexOf(')') + 2);
  } catch {
    return 'X';
  }
}

function childrenFromProc(pid: number): readonly number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
      .split(' ')
      .filter((word) => word !== '')
      .map(Number);
  } catch {
    return [];
  }
}

function childrenFromPs(): (pid: number) => readonly number[] {
  const children = new Map<number, number[]>();
  const listing = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' });
  for (const line of listing.split('\n')) {
    const [pid, parent] = line.trim().split(/\s+/).map(Number);
    if (pid === undefined || parent === undefined) continue;
    const siblings = children.get(parent);
    if (siblings === undefined) children.set(parent, [pid]);
    else siblings.push(pid);
  }
  return (pid) => children.get(pid) ?? [];
}
