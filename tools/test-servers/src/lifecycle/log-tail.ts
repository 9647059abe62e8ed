import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/** The last `maxBytes` of a log file; a note instead if it is empty or cannot be read. */
export function logTail(path: string, maxBytes = 4096): string {
  let handle: number;
  try {
    handle = openSync(path, 'r');
  } catch {
    return '(no log)';
  }
  try {
    const { size } = fstatSync(handle);
    const bytes = Buffer.alloc(Math.min(size, maxBytes));
    const read = readSync(handle, bytes, 0, bytes.length, size - bytes.length);
    const text = bytes.toString('utf8', 0, read).trim();
    return text === '' ? '(the log is empty)' : text;
  } finally {
    closeSync(handle);
  }
}
