import { hashKey } from '../../src/eviction/key-hash.ts';

/** What a model policy sees of an entry. */
export interface ModelItem {
  readonly key: number;
  /** Where the entry stands in the table. A place that becomes free is the first to be taken again. */
  readonly place: number;
  readonly weight: number;
  /** When its time is over, `Infinity` for never. */
  readonly due: number;
}

/** How many entries a model policy is to expect, and what they weigh; `Infinity` without weights. */
export interface ModelShare {
  readonly entries: number;
  readonly bytes: number;
}

/** An eviction policy as plain as can be; the calls are those of `EvictionPolicy`. */
export interface ModelPolicy<Item extends ModelItem> {
  arrive(key: number, weight: number): void;
  insert(item: Item): void;
  /** It was read, or got a new value. */
  use(item: Item): void;
  victim(): Item | undefined;
  evict(item: Item): void;
  remove(item: Item): void;
  /** The victim is to stay: put aside, and back later as the last of those it was among. */
  detach(item: Item): void;
  attach(item: Item): void;
  /** Whether the key that came is worth what would have to leave. */
  admits(weight: number): boolean;
  resize(share: ModelShare): void;
}

/** The seed that both a model and the cache it is compared with must have. */
export const SEED = 0;

/** The hash that the real policies give a whole number. */
export function hashOf(key: number): number {
  return hashKey(key, SEED) as number;
}
