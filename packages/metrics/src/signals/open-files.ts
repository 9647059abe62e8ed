import { readdirSync, statSync } from 'node:fs';
import { readProcFile } from './proc-file.ts';

/** How many files, sockets and pipes are open; `NaN` where the system does not tell. */
export function readOpenFiles(folder = '/proc/self/fd'): number {
  try {
    // Linux 6.2 and later tell it as the size; before, it takes a look at each.
    return statSync(folder).size || readdirSync(folder).length;
  } catch {
    return Number.NaN;
  }
}

/** How many may be; `Infinity` for no limit, `NaN` where the system does not tell. */
export function readOpenFilesLimit(file = '/proc/self/limits'): number {
  const [, limit] = /^Max open files\s+(\S+)/m.exec(readProcFile(file) ?? '') ?? [];
  return limit === 'unlimited' ? Infinity : Number.parseInt(limit ?? '', 10);
}
