/** How the instance that lives through outages is set up. */
export interface OutageInput {
  /** The addresses of Redis, by way of proxies perhaps. */
  readonly store: string;
  readonly bus: string;
  readonly prefix: string;
  /** In milliseconds. */
  readonly storeTimeout: number;
  /** How long memory serves in isolation, in milliseconds. */
  readonly serve: number;
}

/** Reads of keys that are nowhere. */
export interface ColdReads {
  readonly keys: readonly string[];
  /** How many are read at the same time. */
  readonly atOnce: number;
  /** How long the loader takes, in milliseconds. */
  readonly loader: number;
}

/** In milliseconds. */
export interface ColdReadTimes {
  /** The longest that a read took beyond its loader. */
  readonly slowest: number;
  /** The longest that a timer came late meanwhile. */
  readonly latest: number;
}

/** Readers of what is in memory, who load what is not. */
export interface HerdInput {
  readonly keys: readonly string[];
  readonly readers: number;
  /** In milliseconds. */
  readonly duration: number;
}

/** The module of the instance. */
export const INSTANCE: URL = new URL('instance-worker.js', import.meta.url);
