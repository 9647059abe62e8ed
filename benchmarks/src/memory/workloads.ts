import type { Fixture } from './fixture.ts';
import type * as Loops from './loops.ts';
import type { Span, TimedCache } from './loops.ts';
import type { Workload } from './speed.ts';
import type { Contestant } from './take-turns.ts';

type Opened = Omit<Contestant, 'subject' | 'workload'>;

/** Operations per step; a millisecond or two. */
const COUNT = 16_000;
/** The same where an operation takes longer. */
const SLOW_COUNT = 8000;
const WARM_UP = 6;
/** 800,000 operations: the caches have seen what is popular, and policies that learn have learnt it. */
const READ_THROUGH_WARM_UP = 50;

/** A cache filled for the workload, and the rounds of that workload. */
export function openWorkload(
  workload: Workload,
  cache: TimedCache,
  loops: typeof Loops,
  fixture: Fixture,
): Opened {
  return OPENERS[workload](cache, loops, fixture);
}

const OPENERS: Record<
  Workload,
  (cache: TimedCache, loops: typeof Loops, fixture: Fixture) => Opened
> = {
  getHit(cache, { getAll }, { residents, accesses }) {
    fill(cache, residents);
    return rounds(COUNT, (step) => {
      const hits = getAll(cache, accesses, spanOf(accesses, step, COUNT));
      if (hits !== COUNT) throw new Error(`${COUNT - hits} of ${COUNT} gets missed`);
      return hits;
    });
  },
  setExisting(cache, { setAll }, { residents, accesses, value }) {
    fill(cache, residents);
    return rounds(COUNT, (step) => {
      setAll(cache, accesses, value, spanOf(accesses, step, COUNT));
      return 0;
    });
  },
  evictingSet(cache, { setAll }, { keys, residents, value }) {
    fill(cache, residents);
    let position = residents.length;
    let absent: string[] = [];
    return {
      ...rounds(SLOW_COUNT, (step) => {
        setAll(cache, absent, value, spanOf(absent, step, SLOW_COUNT));
        return 0;
      }),
      // A policy that resists loops would hold some of the keys: setting those evicts nothing.
      prepare() {
        absent = [];
        while (absent.length < SLOW_COUNT * 2) {
          const key = keys[position++ % keys.length] as string;
          if (cache.has?.(key) !== true) absent.push(key);
        }
      },
    };
  },
  readThrough(cache, { readThrough }, { keys, operations, value }) {
    const span = (step: number): Span => spanOf(operations, step, SLOW_COUNT);
    return {
      ...rounds(SLOW_COUNT, (step) => readThrough(cache, keys, operations, value, span(step))),
      warmUp: READ_THROUGH_WARM_UP,
      lookups: (step) => countGets(operations, span(step)),
    };
  },
  delete(cache, { deleteAll }, { residents }) {
    const count = residents.length >> 2;
    return {
      ...rounds(count, (step) => {
        deleteAll(cache, residents, spanOf(residents, step, count));
        return 0;
      }),
      prepare: () => {
        fill(cache, residents);
      },
    };
  },
  stats(cache, { readStats }) {
    const kept = Array.from<object | undefined>({ length: 8 });
    return rounds(COUNT, () => {
      readStats(cache, kept, COUNT);
      return 0;
    });
  },
};

function rounds(count: number, run: Opened['run']): Opened {
  return { count, warmUp: WARM_UP, prepare: () => undefined, run, lookups: () => 0 };
}

/** The step's part of the list, which begins again when it is used up. */
function spanOf(list: ArrayLike<unknown>, step: number, count: number): Span {
  const from = (step % Math.floor(list.length / count)) * count;
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
