import { mix } from '../../src/eviction/key-hash.ts';
import { hashOf, type ModelItem, type ModelPolicy } from './model-policy.ts';
import { ModelQueues, ModelShadow, WAYS, type Held, type Way } from './model-tiny-lfu.ts';

/** Chooses one of the ways by what four shadows hit. */
class ModelSteering {
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
    this.#rate = capacity < 32 ? 0 : Math.min(0.25, 128 / capacity);
    this.#shadows = WAYS.map((way) => ({
      way,
      cache: new ModelShadow(this.#period, way),
      score: 0,
    }));
  }

  get #period(): number {
    return Math.round(this.#capacity * this.#rate);
  }

  samples(hash: number): boolean {
    return (Math.imul(hash, 0x85ebca6b) >>> 0) / 2 ** 32 < this.#rate;
  }

  use(hash: number): void {
    if (this.#rate === 0) return;
    const rests = this.#untilAwake > 0;
    if (!rests) for (const { cache } of this.#shadows) cache.access(mix(hash ^ 0x9e3779b9));
    if (++this.#inPeriod < this.#period) return;
    this.#inPeriod = 0;
    if (!rests) this.#decide();
    else if (--this.#untilAwake === 0) this.#untilRest = 4;
  }

  #decide(): void {
    for (const shadow of this.#shadows) {
      shadow.score = 0.9 * shadow.score + shadow.cache.hits;
      shadow.cache.hits = 0;
    }
    const highest = Math.max(...this.#shadows.map(({ score }) => score));
    const active = this.#shadows.find(({ way }) => way === this.way)?.score ?? 0;
    const switches = highest > 1.02 * active;
    if (switches) this.way = this.#shadows.find(({ score }) => score === highest)?.way ?? this.way;
    if (this.#capacity > 4096) return;
    if (switches) this.#untilRest = 16;
    else if (--this.#untilRest === 0) this.#untilAwake = 24;
  }
}

interface Adapted<Item> extends Held {
  readonly item: Item;
  readonly sampled: boolean;
}

/** The policy `adaptive`, from arrays, Maps and linear searches. */
export class ModelAdaptive<Item extends ModelItem> implements ModelPolicy<Item> {
  #capacity: number;
  #steering: ModelSteering;
  readonly #queues: ModelQueues<Adapted<Item>>;
  readonly #entries = new Map<Item, Adapted<Item>>();

  constructor(capacity: number, isOver: (item: Item) => boolean) {
    this.#capacity = capacity;
    this.#steering = new ModelSteering(capacity);
    this.#queues = new ModelQueues(capacity, this.#steering.way, ({ item }) => isOver(item));
  }

  arrive(key: number): void {
    this.#queues.arrive(hashOf(key));
  }

  insert(item: Item): void {
    const hash = hashOf(item.key);
    const sampled = this.#steering.samples(hash);
    const entry = { hash, place: item.place, frequency: 0, used: false, item, sampled };
    this.#entries.set(item, entry);
    this.#queues.insert(entry);
    this.#sample(entry);
  }

  use(item: Item): void {
    const entry = this.#entries.get(item) as Adapted<Item>;
    entry.used = true;
    this.#sample(entry);
  }

  victim(): Item | undefined {
    return this.#queues.victim()?.item;
  }

  evict(item: Item): void {
    this.#queues.evict(this.#entries.get(item) as Adapted<Item>);
    this.#entries.delete(item);
  }

  remove(item: Item): void {
    this.#queues.remove(this.#entries.get(item) as Adapted<Item>);
    this.#entries.delete(item);
  }

  resize(capacity: number): void {
    if (capacity === this.#capacity) return;
    this.#capacity = capacity;
    this.#steering = new ModelSteering(capacity);
    this.#queues.steer(capacity, this.#steering.way);
  }

  #sample({ hash, sampled }: Adapted<Item>): void {
    if (!sampled) return;
    this.#steering.use(hash);
    this.#queues.steer(this.#capacity, this.#steering.way);
  }
}
