import { readFileSync } from 'node:fs';

/** The text of a file of the kernel; `undefined` where there is none, or it may not be read. */
export function readProcFile(file: string): string | undefined {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return undefined;
  }
}

/** The number after `key` at the beginning of a line, past a colon and blanks; `undefined` where there is none. */
export function numberAfter(text: string, key: string): number | undefined {
  const start = text.startsWith(key) ? 0 : text.indexOf(`\n${key}`) + 1;
  if (start === 0 && !text.startsWith(key)) return undefined;
  const value = Number.parseInt(text.slice(start + key.length).replace(/^[:\s]+/, ''), 10);
  return Number.isNaN(value) ? undefined : value;
}
