import { hashOf, type ModelItem, type ModelPolicy, type ModelShare } from './model-policy.ts';
import { ModelSteering } from './model-steering.ts';
import { ModelQueues, type Held, type ModelRoom } from './model-tiny-lfu.ts';

class Adapted<Item extends ModelItem> implements Held {
  readonly item: Item;
  readonly hash: number;
  sampled: boolean;
  readonly #weighed: boolean;
  frequency = 0;
  used = false;
  known = false;

  constructor(item: Item, sampled: boolean, weighed: boolean) {
    this.item = item;
    this.hash = hashOf(item.key);
    this.sampled = sampled;
    this.#weighed = weighed;
  }

  get place(): number {
    return this.item.place;
  }

  get weight(): number {
    return this.#weighed ? this.item.weight : 1;
  }
}

/** The policy `adaptive`, from arrays, Maps and linear searches. */
export class ModelAdaptive<Item extends ModelItem> implements ModelPolicy<Item> {
  #share: ModelShare;
  #steering: ModelSteering;
  readonly #now: () => number;
  readonly #weighed: boolean;
  readonly #queues: ModelQueues<Adapted<Item>>;
  readonly #entries = new Map<Item, Adapted<Item>>();
  #sampled = false;

  constructor(share: ModelShare, now: () => number) {
    this.#share = share;
    this.#now = now;
    this.#weighed = share.bytes !== Infinity;
    this.#steering = new ModelSteering(share.entries);
    const isOver = ({ item }: Adapted<Item>): boolean => item.due <= now();
    this.#queues = new ModelQueues(this.#room, this.#steering.way, isOver);
  }

  get #room(): ModelRoom {
    const { entries, bytes } = this.#share;
    return { entries, weight: this.#weighed ? bytes : entries };
  }

  arrive(key: number, weight: number): void {
    this.#sampled = this.#steering.samples(hashOf(key));
    this.#queues.arrive(hashOf(key), this.#weighed ? weight : 1);
  }

  insert(item: Item): void {
    const entry = new Adapted(item, this.#sampled, this.#weighed);
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
    const entry = this.#entries.get(item) as Adapted<Item>;
    if (entry.sampled) this.#steering.forget(entry.hash);
    this.#queues.remove(entry);
    this.#entries.delete(item);
  }

  detach(item: Item): void {
    this.#queues.detach(this.#entries.get(item) as Adapted<Item>);
  }

  attach(item: Item): void {
    this.#queues.attach(this.#entries.get(item) as Adapted<Item>);
  }

  admits(weight: number): boolean {
    return this.#queues.admits(weight);
  }

  resize(share: ModelShare): void {
    if (share.entries === this.#share.entries && share.bytes === this.#share.bytes) return;
    this.#share = share;
    this.#steering = new ModelSteering(share.entries);
    this.#queues.resize(this.#room, this.#steering.way);
    for (const entry of this.#entries.values()) entry.sampled = this.#steering.samples(entry.hash);
  }

  #sample({ hash, sampled, item }: Adapted<Item>): void {
    if (!sampled) return;
    this.#steering.use(hash, item.due, this.#now());
    this.#queues.steer(this.#steering.way);
  }
}
