import { createDeferred, type Deferred } from '@perf/core';
import { ManualClock } from '@perf/core/testing';
import { createObjectPool, type ObjectPool } from '../../src/object/object-pool.ts';
import type { ObjectPoolOptions } from '../../src/object/options.ts';

export interface Thing {
  readonly id: number;
}

export interface Setup {
  readonly clock: ManualClock;
  readonly pool: ObjectPool<Thing>;
  /** Ids of those that were destroyed, in order. */
  readonly gone: number[];
  readonly errors: unknown[];
}

/** A pool whose factory returns at once, by a clock that stands still. */
export function setUp(options: Partial<ObjectPoolOptions<Thing>> = {}): Setup {
  const clock = new ManualClock();
  const gone: number[] = [];
  const errors: unknown[] = [];
  let made = 0;
  const pool = createObjectPool<Thing>({
    clock,
    random: () => 0,
    max: 2,
    create: () => ({ id: made++ }),
    destroy: ({ id }) => {
      gone.push(id);
    },
    ...options,
  });
  pool.on('error', ({ error }) => errors.push(error));
  return { clock, pool, gone, errors };
}

export interface SlowSetup extends Setup {
  /** Creations under way, in order, each to be settled by hand. */
  readonly creations: Deferred<Thing>[];
  readonly signals: AbortSignal[];
}

/** A pool whose creations end when the test says so. */
export function setUpSlow(options: Partial<ObjectPoolOptions<Thing>> = {}): SlowSetup {
  const creations: Deferred<Thing>[] = [];
  const signals: AbortSignal[] = [];
  const setup = setUp({
    create: ({ signal }) => {
      const creation = createDeferred<Thing>();
      creations.push(creation);
      signals.push(signal);
      return creation.promise;
    },
    ...options,
  });
  return { ...setup, creations, signals };
}

/** Its rejection, or what it resolved with. */
export function outcome(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    (value) => value,
    (error: unknown) => error,
  );
}
