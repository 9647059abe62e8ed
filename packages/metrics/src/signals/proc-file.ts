import { closeSync, openSync, readFileSync, readSync } from 'node:fs';

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

const FIRST_LENGTH = 256;

/** A file of the kernel that is read often: it stays open, since to open it costs ten times as much as to read it. */
export class ProcFile {
  #descriptor: number | undefined;
  #buffer: Buffer = Buffer.alloc(FIRST_LENGTH);

  constructor(file: string) {
    try {
      this.#descriptor = openSync(file, 'r');
    } catch {
      // Where there is no such file, there is nothing to read.
      this.#descriptor = undefined;
    }
  }

  /** The text as it is now; `undefined` where there is none, or after {@link close}. */
  read(): string | undefined {
    if (this.#descriptor === undefined) return undefined;
    try {
      let length = readSync(this.#descriptor, this.#buffer, 0, this.#buffer.length, 0);
      while (length === this.#buffer.length) {
        this.#buffer = Buffer.alloc(length * 2);
        length = readSync(this.#descriptor, this.#buffer, 0, this.#buffer.length, 0);
      }
      return this.#buffer.toString('latin1', 0, length);
    } catch {
      return undefined;
    }
  }

  close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }
}
