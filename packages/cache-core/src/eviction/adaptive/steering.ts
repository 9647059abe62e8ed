import { mix } from '../key-hash.ts';
import { CONFIGURATIONS, FIRST_CONFIGURATION, type Configuration } from './configuration.ts';
import { ShadowCaches } from './shadow-caches.ts';

/** How many keys the shadows sample, and the largest part of all keys, unless that were too few. */
const SAMPLED_KEYS = 128;
const LARGEST_SAMPLE = 1 / 4;
const FEWEST_SAMPLED_KEYS = 8;
/** Below this capacity all ways to run are one. */
const SMALLEST_STEERED = 3;
/** A decision on fewer sampled uses would be one on noise. */
const SHORTEST_PERIOD = 32;
/** How much of a shadow's score is left after a period, and what is chosen between. */
const DECAY = 0.9;
const CHOICE: SteeringOptions = { configurations: CONFIGURATIONS, margin: 1.01 };

/** Where sampling is dense, the shadows rest while nothing changes. */
const LARGEST_RESTING = 4096;
const PERIODS_BEFORE_REST = 16;
const PERIODS_OF_REST = 24;
const PERIODS_BETWEEN_RESTS = 4;

/** Between what a {@link Steering} chooses, and how. */
export interface SteeringOptions {
  readonly configurations: readonly Configuration[];
  /** How many times as good another has to be. */
  readonly margin: number;
}

/**
 * Chooses how to run the policy, by the hits of shadow caches, each of which runs one
 * configuration on a sample of the keys (Waldspurger, Saemundsson, Ahmad and Park, "Cache Modeling
 * and Optimization using Miniature Simulations", 2017). It decides once per so many sampled uses
 * as a shadow has places, but not oftener than every 32. Deterministic.
 */
export class Steering {
  readonly #capacity: number;
  readonly #threshold: number;
  /** How many places a shadow has, and how many sampled uses a period. */
  readonly #places: number;
  readonly #period: number;
  /** Made at the first sampled use. */
  #shadows: ShadowCaches | undefined;
  readonly #configurations: readonly Configuration[];
  readonly #margin: number;
  readonly #scores: Float64Array;
  #active: number = FIRST_CONFIGURATION;
  #uses = 0;
  #awake = PERIODS_BEFORE_REST;
  #resting = 0;

  constructor(capacity: number, { configurations, margin }: SteeringOptions = CHOICE) {
    const rate = sampleOf(capacity);
    this.#capacity = capacity;
    this.#threshold = rate * 2 ** 32;
    this.#places = Math.round(capacity * rate);
    this.#period = Math.max(SHORTEST_PERIOD, this.#places);
    this.#configurations = configurations;
    this.#margin = margin;
    this.#scores = new Float64Array(configurations.length);
  }

  /** How the cache is to be run. */
  get configuration(): Configuration {
    return this.#configurations[this.#active] as Configuration;
  }

  /** Whether the key of the hash is in the sample. */
  samples(hash: number): boolean {
    return Math.imul(hash, 0x85ebca6b) >>> 0 < this.#threshold;
  }

  /**
   * A key is used that is in the sample, or was when another steering chose it.
   * @param expiry when its time will be over, a whole number; 0 or less for never
   * @param now the time, in the same terms
   * @returns whether the {@link configuration} has changed
   */
  use(hash: number, expiry: number, now: number): boolean {
    if (!this.samples(hash)) return false;
    const rests = this.#resting > 0;
    if (!rests) {
      this.#shadows ??= new ShadowCaches(this.#places, this.#configurations);
      this.#shadows.access(shadowHash(hash), expiry, now);
    }
    if (++this.#uses < this.#period) return false;
    this.#uses = 0;
    if (!rests) return this.#decide();
    if (--this.#resting === 0) this.#awake = PERIODS_BETWEEN_RESTS;
    return false;
  }

  /** A sampled key was deleted, or its time is over. */
  forget(hash: number): void {
    this.#shadows?.forget(shadowHash(hash));
  }

  #decide(): boolean {
    const scores = this.#scores;
    let best = 0;
    for (let i = 0; i < scores.length; i++) {
      scores[i] = DECAY * (scores[i] as number) + (this.#shadows?.takeHits(i) ?? 0);
      if ((scores[i] as number) > (scores[best] as number)) best = i;
    }
    const changes = (scores[best] as number) > this.#margin * (scores[this.#active] as number);
    if (changes) this.#active = best;
    if (this.#capacity <= LARGEST_RESTING) {
      if (changes) this.#awake = PERIODS_BEFORE_REST;
      else if (--this.#awake <= 0) this.#resting = PERIODS_OF_REST;
    }
    return changes;
  }
}

/** Which part of all keys is in the sample. */
function sampleOf(capacity: number): number {
  if (capacity < SMALLEST_STEERED) return 0;
  const rate = Math.min(LARGEST_SAMPLE, SAMPLED_KEYS / capacity);
  return Math.min(1, Math.max(rate, FEWEST_SAMPLED_KEYS / capacity));
}

/** Not the hash itself, which all sampled keys have something of in common. */
function shadowHash(hash: number): number {
  return mix(hash ^ 0x9e3779b9);
}
