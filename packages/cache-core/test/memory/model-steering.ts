import { mix } from '../../src/eviction/key-hash.ts';
import { ModelQueues, type Held, type Way } from './model-tiny-lfu.ts';

/** Between which ways the policy chooses; it begins with the second. */
export const WAYS: readonly Way[] = [
  { window: 1, rotates: false, admitsKnown: false, ageing: 16 },
  { window: 10, rotates: true, admitsKnown: true, ageing: 4 },
  { window: 30, rotates: true, admitsKnown: true, ageing: 16 },
  { window: 99, rotates: true, admitsKnown: true, ageing: 16 },
];

interface Shadowed extends Held {
  expiry: number;
}

/** A cache of hashes that always runs in one way. */
export class ModelShadow {
  hits = 0;
  readonly #queues: ModelQueues<Shadowed>;
  readonly #capacity: number;
  readonly #held = new Map<number, Shadowed>();
  readonly #vacant: number[] = [];
  #places = 0;
  #now = 0;

  constructor(capacity: number, way: Way) {
    this.#capacity = capacity;
    const room = { entries: capacity, weight: capacity };
    this.#queues = new ModelQueues(room, way, ({ expiry }) => expiry <= this.#now);
  }

  access(hash: number, expiry: number, now: number): void {
    this.#now = now;
    if ((this.#held.get(hash)?.expiry ?? Infinity) <= now) this.forget(hash);
    const found = this.#held.get(hash);
    if (found !== undefined) {
      this.hits++;
      found.used = true;
      found.expiry = expiry;
      return;
    }
    this.#queues.arrive(hash, 1);
    if (this.#held.size === this.#capacity) this.#giveUp();
    const place = this.#vacant.pop() ?? this.#places++;
    const entry = { hash, place, weight: 1, frequency: 0, used: false, known: false, expiry };
    this.#held.set(hash, entry);
    this.#queues.insert(entry);
  }

  forget(hash: number): void {
    const entry = this.#held.get(hash);
    if (entry === undefined) return;
    this.#queues.remove(entry);
    this.#held.delete(hash);
    this.#vacant.push(entry.place);
  }

  #giveUp(): void {
    const victim = this.#queues.victim() as Shadowed;
    if (victim.expiry > this.#now) this.#queues.evict(victim);
    this.forget(victim.hash);
  }
}

/** Chooses one of the ways by what four shadows hit. */
export class ModelSteering {
  way = WAYS[1] as Way;
  readonly #capacity: number;
  readonly #rate: number;
  readonly #shadows: readonly { readonly way: Way; readonly cache: ModelShadow; score: number }[];
  #inPeriod = 0;
  /** Periods until the shadows rest, or until they wake. */
  #untilRest = 16;
  #untilAwake = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
    this.#rate = rateOf(capacity);
    this.#shadows = WAYS.map((way) => ({
      way,
      cache: new ModelShadow(this.#places, way),
      score: 0,
    }));
  }

  get #places(): number {
    return Math.round(this.#capacity * this.#rate);
  }

  get #period(): number {
    return Math.max(32, this.#places);
  }

  samples(hash: number): boolean {
    return (Math.imul(hash, 0x85ebca6b) >>> 0) / 2 ** 32 < this.#rate;
  }

  use(hash: number, expiry: number, now: number): void {
    if (!this.samples(hash)) return;
    const rests = this.#untilAwake > 0;
    if (!rests) for (const { cache } of this.#shadows) cache.access(shadowHash(hash), expiry, now);
    if (++this.#inPeriod < this.#period) return;
    this.#inPeriod = 0;
    if (!rests) this.#decide();
    else if (--this.#untilAwake === 0) this.#untilRest = 4;
  }

  forget(hash: number): void {
    for (const { cache } of this.#shadows) cache.forget(shadowHash(hash));
  }

  #decide(): void {
    for (const shadow of this.#shadows) {
      shadow.score = 0.9 * shadow.score + shadow.cache.hits;
      shadow.cache.hits = 0;
    }
    const highest = Math.max(...this.#shadows.map(({ score }) => score));
    const active = this.#shadows.find(({ way }) => way === this.way)?.score ?? 0;
    const switches = highest > 1.01 * active;
    if (switches) this.way = this.#shadows.find(({ score }) => score === highest)?.way ?? this.way;
    if (this.#capacity > 4096) return;
    if (switches) this.#untilRest = 16;
    else if (--this.#untilRest === 0) this.#untilAwake = 24;
  }
}

/** A quarter, but at least 8 keys and at most 128; none where all ways are one. */
function rateOf(capacity: number): number {
  if (capacity < 3) return 0;
  if (capacity < 32) return Math.min(1, 8 / capacity);
  return Math.min(0.25, 128 / capacity);
}

function shadowHash(hash: number): number {
  return mix(hash ^ 0x9e3779b9);
}
