import type { Fixture } from './fixture.ts';
import type { Span, TimedCache } from './loops.ts';
import type { Workload } from './speed.ts';
import type { Contestant } from './take-turns.ts';

type Loops = typeof import('./loops.ts');
type Opened = Omit<Contestant, 'subject' | 'workload'>;

/** Operations per round: about a millisecond, so that most rounds are not interrupted. */
const COUNT = 8000;
const WARM_UP = 12;
/** 200,000 operations: the caches are full and have seen what is popular. */
const READ_THROUGH_WARM_UP = 25;

/** A cache filled for the workload, and the rounds of that workload. */
export function openWorkload(
  workload: Workload,
  cache: TimedCache,
  loops: Loops,
  fixture: Fixture,
): Opened {
  return OPENERS[workload](cache, loops, fixture);
}

const OPENERS: Record<Workload, (cache: TimedCache, loops: Loops, fixture: Fixture) => Opened> = {
  getHit(cache, { getAll }, { residents, accesses }) {
    fill(cache, residents);
    return rounds(COUNT, (round) => {
      const hits = getAll(cache, accesses, spanOf(accesses, round, COUNT));
      if (hits !== COUNT) throw new Error(`${COUNT - hits} of ${COUNT} gets missed`);
      return hits;
    });
  },
  setExisting(cache, { setAll }, { residents, accesses }) {
    fill(cache, residents);
    return rounds(COUNT, (round) => {
      setAll(cache, accesses, { round }, spanOf(accesses, round, COUNT));
      return 0;
    });
  },
  evictingSet(cache, { setAll }, { keys, residents }) {
    fill(cache, residents);
    let position = residents.length;
    let absent: string[] = [];
    return {
      ...rounds(COUNT, (round) => {
        setAll(cache, absent, { round }, { from: 0, to: COUNT });
        return 0;
      }),
      // A policy that resists loops would hold some of the keys: setting those evicts nothing.
      prepare() {
        absent = [];
        while (absent.length < COUNT) {
          const key = keys[position++ % keys.length] as string;
          if (cache.has?.(key) !== true) absent.push(key);
        }
      },
    };
  },
  readThrough(cache, { readThrough }, { keys, operations }) {
    const span = (round: number): Span => spanOf(operations, round, COUNT);
    return {
      ...rounds(COUNT, (round) => readThrough(cache, keys, operations, { round }, span(round))),
      warmUp: READ_THROUGH_WARM_UP,
      lookups: (round) => countGets(operations, span(round)),
    };
  },
  delete(cache, { deleteAll }, { residents }) {
    const count = residents.length >> 1;
    return {
      ...rounds(count, (round) => {
        deleteAll(cache, residents, spanOf(residents, round, count));
        return 0;
      }),
      prepare: () => {
        fill(cache, residents);
      },
    };
  },
  stats(cache, { readStats }) {
    const kept = new Array<object | undefined>(8).fill(undefined);
    return rounds(COUNT, () => {
      readStats(cache, kept, COUNT);
      return 0;
    });
  },
};

function rounds(count: number, run: Opened['run']): Opened {
  return { count, warmUp: WARM_UP, prepare: () => undefined, run, lookups: () => 0 };
}

/** The round's part of the list, which begins again when it is used up. */
function spanOf(list: ArrayLike<unknown>, round: number, count: number): Span {
  const from = (round % Math.floor(list.length / count)) * count;
  return { from, to: from + count };
}

function fill(cache: TimedCache, keys: readonly string[]): void {
  for (const key of keys) cache.set(key, keys);
}

function countGets(operations: Uint32Array, { from, to }: Span): number {
  let gets = 0;
  for (let i = from; i < to; i++) {
    if ((operations[i] as number) >>> 31 === 0) gets++;
  }
  return gets;
}
