import { seededRandom } from '@perf/core/testing';

/** A sequence of keys, numbered from 0 in the order in which they first occur. */
export type Trace = Uint32Array;

/** Draws indices below `size` with weights 1 / rank^exponent. */
function zipf(random: () => number, size: number, exponent: number): () => number {
  const sums = new Float64Array(size);
  let total = 0;
  for (let i = 0; i < size; i++) {
    total += 1 / (i + 1) ** exponent;
    sums[i] = total;
  }
  return () => {
    const target = random() * total;
    let low = 0;
    let high = size - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((sums[middle] as number) >= target) high = middle;
      else low = middle + 1;
    }
    return low;
  };
}

function renumbered(length: number, next: () => number): Trace {
  const numbers = new Map<number, number>();
  const trace = new Uint32Array(length);
  for (let i = 0; i < length; i++) {
    const key = next();
    const number = numbers.get(key) ?? numbers.size;
    numbers.set(key, number);
    trace[i] = number;
  }
  return trace;
}

/** Steady popularity. */
export function zipfTrace(): Trace {
  return renumbered(1_000_000, zipf(seededRandom(1), 200_000, 0.9));
}

/** Popularity that changes at once five times. */
export function shiftTrace(): Trace {
  const draw = zipf(seededRandom(2), 100_000, 0.99);
  let i = 0;
  return renumbered(1_000_000, () => {
    const phase = Math.floor(i++ / 200_000);
    return (draw() * 7919 + phase * 20_011) % 100_003;
  });
}

/** Steady popularity with long scans in between. */
export function scanTrace(): Trace {
  const draw = zipf(seededRandom(3), 100_000, 0.99);
  let i = 0;
  let scanned = 0;
  return renumbered(1_000_000, () =>
    i++ % 50_000 < 40_000 ? draw() : 1_000_000 + (scanned++ % 60_000),
  );
}

/** Mostly a loop over 3,000 keys. */
export function loopTrace(): Trace {
  const random = seededRandom(4);
  const draw = zipf(random, 20_000, 0.8);
  let position = 0;
  return renumbered(300_000, () => (random() < 0.7 ? position++ % 3000 : 10_000 + draw()));
}

/** FNV-1a (32 bit) over the keys as little-endian words. */
export function checksum(trace: Trace): string {
  let hash = 0x811c9dc5;
  for (const key of trace) {
    for (let shift = 0; shift < 32; shift += 8) {
      hash = Math.imul(hash ^ ((key >>> shift) & 0xff), 0x01000193);
    }
  }
  return (hash >>> 0).toString(16);
}
