import { numberAfter, readProcFile } from './proc-file.ts';

/** Bytes of address space; `NaN` where the system does not tell. */
export interface AddressSpace {
  readonly virtual: number;
  /** Of it, what is data. */
  readonly data: number;
}

const KILOBYTE = 1024;

export function readAddressSpace(file = '/proc/self/status'): AddressSpace {
  const text = readProcFile(file) ?? '';
  const bytes = (key: string): number => (numberAfter(text, key) ?? Number.NaN) * KILOBYTE;
  return { virtual: bytes('VmSize'), data: bytes('VmData') };
}
