import { readFileSync } from 'node:fs';

/** A process and who started it. */
interface Link {
  readonly pid: number;
  readonly parent: number;
}

/**
 * The chain of processes from us up to the outermost `npx`, `npm` or `pnpm` that runs us; only us
 * where there is none, or the system does not show it.
 */
export function packageManagerChain(pid: number = process.pid): readonly Link[] {
  const chain: Link[] = [];
  let length = 1;
  for (let next = pid; next > 1;) {
    const parent = parentOf(next);
    if (parent === undefined) break;
    chain.push({ pid: next, parent });
    // In between are the shells that package managers start.
    if (/(?:^|[\s/'"])(?:npm|npx|pnpm)\b/.test(commandOf(next))) length = chain.length;
    else if (next !== pid && !/^(?:\S*\/)?sh -c /.test(commandOf(next))) break;
    next = parent;
  }
  return chain.slice(0, length);
}

/** Whether a process of the chain has lost its parent, other than the outermost. */
export function isBroken(chain: readonly Link[]): boolean {
  return chain.slice(0, -1).some(({ pid, parent }) => parentOf(pid) !== parent);
}

function parentOf(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return undefined;
  }
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}
