/** A sequence of accesses to a cache, each by its key. */
export type Trace = Uint32Array;

/** The trace with its keys numbered from 0 in the order in which they first occur. */
export function renumbered(trace: Trace): Trace {
  const numbers = new Map<number, number>();
  return trace.map((key) => {
    const known = numbers.get(key);
    if (known !== undefined) return known;
    numbers.set(key, numbers.size);
    return numbers.size - 1;
  });
}

/** How many different keys occur. */
export function countKeys(trace: Trace): number {
  return new Set(trace).size;
}

/** FNV-1a (32 bit) over the keys as little-endian words, in hexadecimal. */
export function checksum(trace: Trace): string {
  let hash = 0x811c9dc5;
  for (const key of trace) {
    for (let shift = 0; shift < 32; shift += 8) {
      hash = Math.imul(hash ^ ((key >>> shift) & 0xff), 0x01000193);
    }
  }
  return (hash >>> 0).toString(16).padStart(8, '0');
}
