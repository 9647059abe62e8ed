import { NumberSet } from './number-set.ts';
import { renumbered, type Trace } from './trace.ts';

/**
 * The most hits that any policy can have, one that knows the future and may refuse to store included:
 * of the entries held and the one at hand, that whose next use is farthest has to go.
 *
 * @see L. A. Belady, "A study of replacement algorithms for a virtual-storage computer", 1966
 */
export function optimalHits(trace: Trace, capacity: number): number {
  const next = nextUses(trace);
  // What is held, as the times of the next uses; no two entries have the same.
  const held = new NumberSet(trace.length);
  let size = 0;
  let hits = 0;
  for (let now = 0; now < trace.length; now++) {
    if (held.has(now)) {
      held.delete(now);
      size--;
      hits++;
    }
    const use = next[now] as number;
    if (use === trace.length) continue;
    held.add(use);
    if (size < capacity) size++;
    else held.delete(held.max() ?? use);
  }
  return hits;
}

/** For each access the position of the next one to the same key, or the trace's length if there is none. */
function nextUses(trace: Trace): Uint32Array {
  const keys = renumbered(trace);
  const seen = new Uint32Array(trace.length).fill(trace.length);
  const next = new Uint32Array(trace.length);
  for (let i = trace.length - 1; i >= 0; i--) {
    const key = keys[i] as number;
    next[i] = seen[key] as number;
    seen[key] = i;
  }
  return next;
}
