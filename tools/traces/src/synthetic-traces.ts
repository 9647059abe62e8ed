import { seededRandom } from '@perf/core/testing';
import { renumbered, type Trace } from './trace.ts';
import { zipf } from './zipf.ts';

function drawn(length: number, next: () => number): Trace {
  return renumbered(new Uint32Array(length).map(next));
}

/** Steady popularity: a million accesses to 200,000 keys. */
export function zipfTrace(): Trace {
  return drawn(1_000_000, zipf(seededRandom(1), 200_000, 0.9));
}

/** Popularity that changes at once, four times in a million accesses. */
export function shiftTrace(): Trace {
  const draw = zipf(seededRandom(2), 100_000, 0.99);
  let i = 0;
  return drawn(1_000_000, () => {
    const phase = Math.floor(i++ / 200_000);
    return (draw() * 7919 + phase * 20_011) % 100_003;
  });
}

/** Steady popularity with long scans in between: a fifth of a million accesses. */
export function scanTrace(): Trace {
  const draw = zipf(seededRandom(3), 100_000, 0.99);
  let i = 0;
  let scanned = 0;
  return drawn(1_000_000, () =>
    i++ % 50_000 < 40_000 ? draw() : 1_000_000 + (scanned++ % 60_000),
  );
}

/** Mostly a loop over 3,000 keys: 300,000 accesses. */
export function loopTrace(): Trace {
  const random = seededRandom(4);
  const draw = zipf(random, 20_000, 0.8);
  let position = 0;
  return drawn(300_000, () => (random() < 0.7 ? position++ % 3000 : 10_000 + draw()));
}
