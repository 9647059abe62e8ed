import { numberAfter, readProcFile } from './proc-file.ts';

/** Bytes since the start of the process. */
export interface IoTotals {
  /** To and from disks. */
  readonly diskRead: number;
  readonly diskWritten: number;
  /** By read and write calls of any kind; `NaN` where the system does not tell. */
  readonly read: number;
  readonly written: number;
}

/** The unit in which `getrusage` counts. */
const BLOCK = 512;

/** From `/proc/self/io` where there is one; else the disk's blocks of `resourceUsage`. */
export function readIo(file = '/proc/self/io'): IoTotals {
  const text = readProcFile(file);
  if (text === undefined) {
    const { fsRead, fsWrite } = process.resourceUsage();
    const unknown = { read: Number.NaN, written: Number.NaN };
    return { diskRead: fsRead * BLOCK, diskWritten: fsWrite * BLOCK, ...unknown };
  }
  const total = (key: string): number => numberAfter(text, key) ?? Number.NaN;
  return {
    diskRead: total('read_bytes'),
    diskWritten: total('write_bytes'),
    read: total('rchar'),
    written: total('wchar'),
  };
}
