import assert from 'node:assert/strict';
import type { CacheStore, StoreCapabilities } from '../../contracts/cache-store.ts';
import type { InvalidationBus } from '../../contracts/invalidation-bus.ts';
import { NewsDesk } from './news-desk.ts';
import { StoreDriver } from './store-driver.ts';

/** What a check is run on; made anew, and empty, for each. */
export interface StoreSubject {
  readonly store: CacheStore;
  /**
   * Lets at least so many milliseconds pass by the store's clock: moves a manual clock, or waits where
   * the clock is that of a server. No check
   * asks for more than a second, or a few expiry resolutions, at a time.
   */
  advance(milliseconds: number): Promise<void> | void;
  /**
   * Opens another store on the same data, as another process would have it. Needed unless the scope is
   * `'process'`.
   */
  second?(): Promise<CacheStore> | CacheStore;
  /**
   * Opens a store on the data of the first one, which was closed before. Needed where the store is
   * persistent.
   */
  reopen?(): Promise<CacheStore> | CacheStore;
  /** A bus on the medium on which the store announces. Needed where it does. */
  bus?(): Promise<InvalidationBus> | InvalidationBus;
  /** Closes every store, and every bus, that was opened, even a second time, and removes the data. */
  cleanup(): Promise<void> | void;
}

/** Makes a {@link StoreSubject}. */
export type CreateStoreSubject = () => Promise<StoreSubject> | StoreSubject;

/** What the checks have to know about a store beforehand. */
export interface StoreTraits {
  /** What the store says of itself; only what applies to it is checked. */
  readonly capabilities: StoreCapabilities;
  /** How exactly the store keeps time, in milliseconds. @default 1 */
  readonly expiryResolution?: number;
  /** Whether `advance` waits because the clock cannot be moved. @default false */
  readonly realTime?: boolean;
  /**
   * Whether `delta` carries the keys that other handles wrote, as a store without a bus must.
   * @default true for the scope `'host'`, false otherwise
   */
  readonly drops?: boolean;
  /** How many such keys the store remembers at most, if it is to be checked that it forgets. */
  readonly dropsKept?: number;
  /** Seeds the random sequences. @default 1 */
  readonly seed?: number;
  /** How many random sequences are tried. @default 20 */
  readonly runs?: number;
}

/** What a check works with. */
export interface CheckContext {
  readonly store: StoreDriver;
  readonly traits: StoreTraits;
  /** A lifetime that {@link passShort} outlasts, in milliseconds. */
  readonly short: number;
  readonly passShort: () => Promise<void>;
  readonly advance: (milliseconds: number) => Promise<void>;
  /** Another handle on the same data. */
  readonly second: () => Promise<StoreDriver>;
  /** Opens the bus of the store's medium, and hears. */
  readonly hear: () => Promise<NewsDesk>;
  /** Closes the store and opens its data again. */
  readonly reopen: () => Promise<StoreDriver>;
}

/** One fact about stores that can be tried. */
export interface StoreCheck {
  readonly topic: string;
  /** States the fact. */
  readonly title: string;
  /** Whether it is to be expected of a store with such traits. */
  applies(traits: StoreTraits): boolean;
  /** @throws if it does not hold */
  run(context: CheckContext): Promise<void>;
}

/** In milliseconds. Where time is real, what must not have passed yet may take its time. */
const SHORTEST = { manual: 50, real: 500 };
/** How long a message is waited for, in milliseconds. */
const PATIENCE = { manual: 100, real: 10_000 };

/** The checks of one topic, each under the fact that it states. */
export function checksOf(
  topic: string,
  applies: (traits: StoreTraits) => boolean,
  checks: Readonly<Record<string, (context: CheckContext) => Promise<void>>>,
): readonly StoreCheck[] {
  return Object.entries(checks).map(([title, run]) => ({ topic, title, applies, run }));
}

/** Whether the store says in `delta` which keys were written. */
export function carriesDrops({ capabilities, drops }: StoreTraits): boolean {
  return capabilities.conditional && (drops ?? capabilities.scope === 'host');
}

export function isShared({ capabilities }: StoreTraits): boolean {
  return capabilities.scope !== 'process';
}

export function isConditional({ capabilities }: StoreTraits): boolean {
  return capabilities.conditional;
}

export function always(): boolean {
  return true;
}

/**
 * Runs one check on a subject of its own, which is cleaned up afterwards.
 * @throws what the check throws
 */
export async function runStoreCheck(
  check: StoreCheck,
  create: CreateStoreSubject,
  traits: StoreTraits,
): Promise<void> {
  const subject = await create();
  try {
    await check.run(contextOf(subject, traits));
  } catch (error) {
    // The check's failure is the news; a store that fails it may well fail to close.
    await Promise.resolve(subject.cleanup()).catch(() => {});
    throw error;
  }
  await subject.cleanup();
}

function contextOf(subject: StoreSubject, traits: StoreTraits): CheckContext {
  const resolution = traits.expiryResolution ?? 1;
  const time = traits.realTime === true ? 'real' : 'manual';
  const [shortest, patience] = [SHORTEST[time], PATIENCE[time]];
  const short = Math.max(shortest, 2 * resolution);
  const advance = async (milliseconds: number): Promise<void> => subject.advance(milliseconds);
  return {
    store: new StoreDriver(subject.store),
    traits,
    short,
    advance,
    passShort: () => advance(short + resolution),
    second: async () => {
      assert.ok(subject.second !== undefined, 'create() must offer second() for a shared store');
      return new StoreDriver(await subject.second());
    },
    hear: async () => {
      assert.ok(subject.bus !== undefined, 'create() must offer bus() for a store that announces');
      const desk = new NewsDesk(await subject.bus(), patience);
      await desk.ready();
      return desk;
    },
    reopen: async () => {
      assert.ok(subject.reopen !== undefined, 'create() must offer reopen() if it is persistent');
      await subject.store.close();
      return new StoreDriver(await subject.reopen());
    },
  };
}
