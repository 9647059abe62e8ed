import { readProcFile } from './proc-file.ts';

/** Bytes since the interfaces are up; of the network namespace, which in a container is the container's. */
export interface NetworkTotals {
  readonly received: number;
  readonly sent: number;
}

const UNKNOWN: NetworkTotals = { received: Number.NaN, sent: Number.NaN };
const RECEIVED = 0;
const SENT = 8;

/** All interfaces but the loopback, from `/proc/net/dev`; `NaN` where there is none. */
export function readNetwork(file = '/proc/net/dev'): NetworkTotals {
  const text = readProcFile(file);
  if (text === undefined) return UNKNOWN;
  let received = 0;
  let sent = 0;
  for (const line of text.split('\n')) {
    const colon = line.indexOf(':');
    if (colon === -1 || line.slice(0, colon).trim() === 'lo') continue;
    const fields = line
      .slice(colon + 1)
      .trim()
      .split(/\s+/);
    received += Number(fields[RECEIVED] ?? 0);
    sent += Number(fields[SENT] ?? 0);
  }
  return { received, sent };
}
