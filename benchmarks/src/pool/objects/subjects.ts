import { createObjectPool, type Lease, type ObjectPoolOptions } from '@perf/pool/object';
import { createPool } from 'generic-pool';
import { Pool as LightningPool } from 'lightning-pool';
import { Pool as TarnPool } from 'tarn';
import * as names from './names.ts';

/** What is pooled. */
interface Thing {
  readonly one: number;
}

/** A pool that is asked synchronously. */
export interface SyncSubject {
  readonly workload: string;
  readonly subject: string;
  /** Takes one, reads it, and gives it back. */
  readonly cycle: () => number;
}

/** A pool that is awaited. */
export interface AsyncSubject {
  readonly workload: string;
  readonly subject: string;
  acquire(): PromiseLike<unknown>;
  /** @param held what its `acquire` resolved to */
  release(held: unknown): unknown;
}

export interface Subjects {
  readonly sync: readonly SyncSubject[];
  readonly async: readonly AsyncSubject[];
}

const SIZE = 10;

function make(): Thing {
  return { one: 1 };
}

/** All pools, by their defaults, with ten things that are ready. */
export async function subjects(): Promise<Subjects> {
  const awaited = await Promise.all(
    [names.FREE, names.QUEUED].map(async (workload) => {
      const add = <Held>(
        subject: string,
        acquire: () => PromiseLike<Held>,
        release: (held: Held) => unknown,
      ): AsyncSubject => ({
        workload,
        subject,
        acquire,
        release,
      });
      const ours = await oursWith({});
      const watched = await oursWith({ leakThreshold: '1m', leakStacks: false });
      const generic = await genericPool();
      const lightning = await lightningPool();
      const [tarn, control] = [await tarnPool(), await tarnPool()];
      return [
        add(names.OURS, () => ours.acquire(), giveBack),
        add(names.OURS_WATCHED, () => watched.acquire(), giveBack),
        add(
          names.GENERIC_POOL,
          () => generic.acquire(),
          (thing) => generic.release(thing),
        ),
        add(
          names.LIGHTNING_POOL,
          () => lightning.acquire(),
          (thing) => {
            lightning.release(thing);
          },
        ),
        add(
          names.TARN,
          () => tarn.acquire().promise,
          (thing) => tarn.release(thing),
        ),
        add(
          names.TARN_CONTROL,
          () => control.acquire().promise,
          (thing) => control.release(thing),
        ),
      ];
    }),
  );
  return { sync: await syncSubjects(), async: awaited.flat() };
}

async function syncSubjects(): Promise<SyncSubject[]> {
  const ours = await oursWith({});
  const untimed = await oursWith({ idleTimeout: Infinity, maxLifetime: Infinity });
  const watched = await oursWith({ leakThreshold: '1m', leakStacks: false });
  const [array, again] = [arrayOfThings(), arrayOfThings()];
  return [
    cycling(names.OURS, () => {
      const lease = ours.borrow();
      const { one } = lease.value;
      lease.release();
      return one;
    }),
    cycling(names.OURS_UNTIMED, () => {
      const lease = untimed.borrow();
      const { one } = lease.value;
      lease.release();
      return one;
    }),
    cycling(names.OURS_WATCHED, () => {
      const lease = watched.borrow();
      const { one } = lease.value;
      lease.release();
      return one;
    }),
    cycling(names.ARRAY, () => {
      const thing = array.pop() ?? make();
      array.push(thing);
      return thing.one;
    }),
    cycling(names.ARRAY_CONTROL, () => {
      const thing = again.pop() ?? make();
      again.push(thing);
      return thing.one;
    }),
  ];
}

function cycling(subject: string, cycle: () => number): SyncSubject {
  return { workload: names.SYNC, subject, cycle };
}

function arrayOfThings(): Thing[] {
  return Array.from({ length: SIZE }, make);
}

function giveBack(lease: Lease<Thing>): void {
  lease.release();
}

async function oursWith(options: Partial<ObjectPoolOptions<Thing>>) {
  const pool = createObjectPool<Thing>({ min: SIZE, max: SIZE, create: make, ...options });
  const leases = await Promise.all(Array.from({ length: SIZE }, () => pool.acquire()));
  for (const lease of leases) lease.release();
  return pool;
}

async function genericPool() {
  const pool = createPool<Thing>(
    { create: async () => make(), destroy: async () => undefined },
    { min: SIZE, max: SIZE },
  );
  await pool.ready();
  return pool;
}

async function lightningPool() {
  const pool = new LightningPool<Thing>(
    { create: async () => make(), destroy: async () => undefined },
    { min: SIZE, max: SIZE },
  );
  const things = await Promise.all(Array.from({ length: SIZE }, () => pool.acquire()));
  for (const thing of things) pool.release(thing);
  return pool;
}

async function tarnPool() {
  const pool = new TarnPool<Thing>({
    create: async () => make(),
    destroy: () => undefined,
    min: SIZE,
    max: SIZE,
  });
  const things = await Promise.all(Array.from({ length: SIZE }, () => pool.acquire().promise));
  for (const thing of things) pool.release(thing);
  return pool;
}
