import { GhostQueue } from '../../src/eviction/ghost-queue.ts';
import type { MemoryCachePolicy } from '../../src/memory/memory-cache-options.ts';
import { ModelAdaptive } from './model-adaptive.ts';
import { hashOf, type ModelItem, type ModelPolicy, type ModelShare } from './model-policy.ts';

abstract class Ordered<Item extends ModelItem> implements ModelPolicy<Item> {
  /** Those that leave first come first. */
  protected items: Item[] = [];

  arrive(_key: number, _weight: number): void {}
  insert(item: Item): void {
    this.items.push(item);
  }
  use(_item: Item): void {}
  victim(): Item | undefined {
    return this.items[0];
  }
  evict(item: Item): void {
    this.remove(item);
  }
  remove(item: Item): void {
    this.items = this.items.filter((other) => other !== item);
  }
  detach(item: Item): void {
    this.remove(item);
  }
  attach(item: Item): void {
    this.items.push(item);
  }
  admits(_weight: number): boolean {
    return true;
  }
  resize(_share: ModelShare): void {}
}

class ModelFifo<Item extends ModelItem> extends Ordered<Item> {}

class ModelLru<Item extends ModelItem> extends Ordered<Item> {
  override use(item: Item): void {
    this.remove(item);
    this.insert(item);
  }
}

class ModelTtl<Item extends ModelItem> extends Ordered<Item> {
  readonly #now: () => number;

  constructor(now: () => number) {
    super();
    this.#now = now;
  }

  override victim(): Item | undefined {
    return this.items.find(({ due }) => due <= this.#now());
  }
}

class ModelLfu<Item extends ModelItem> extends Ordered<Item> {
  readonly #known = new Map<Item, { uses: number; priority: number }>();
  #age = 0;

  override insert(item: Item): void {
    super.insert(item);
    this.#known.set(item, { uses: 1, priority: this.#age + 1 });
  }

  override use(item: Item): void {
    super.remove(item);
    super.insert(item);
    const uses = Math.min(63, (this.#known.get(item)?.uses ?? 0) + 1);
    this.#known.set(item, { uses, priority: this.#age + uses });
  }

  override attach(item: Item): void {
    super.attach(item);
    const uses = this.#known.get(item)?.uses ?? Number.NaN;
    this.#known.set(item, { uses, priority: this.#age + uses });
  }

  override victim(): Item | undefined {
    return this.items.toSorted((a, b) => this.#priority(a) - this.#priority(b))[0];
  }

  override evict(item: Item): void {
    this.#age = this.#priority(item);
    super.evict(item);
  }

  #priority(item: Item): number {
    return this.#known.get(item)?.priority ?? Number.NaN;
  }
}

class ModelSieve<Item extends ModelItem> extends Ordered<Item> {
  readonly #used = new Set<Item>();
  #hand: Item | undefined;

  override insert(item: Item): void {
    super.insert(item);
    this.#used.delete(item);
  }

  override use(item: Item): void {
    this.#used.add(item);
  }

  override victim(): Item | undefined {
    const from = this.#hand === undefined ? 0 : this.items.indexOf(this.#hand);
    const ahead = [...this.items.slice(from), ...this.items.slice(0, from)];
    const unused = ahead.findIndex((item) => !this.#used.has(item));
    for (const item of unused < 0 ? ahead : ahead.slice(0, unused)) this.#used.delete(item);
    this.#hand = ahead[Math.max(0, unused)];
    return this.#hand;
  }

  override remove(item: Item): void {
    if (this.#hand === item) this.#hand = this.items[this.items.indexOf(item) + 1];
    super.remove(item);
  }
}

/** What has left is known to the real ghost queue, which has a test of its own. */
class ModelS3fifo<Item extends ModelItem> implements ModelPolicy<Item> {
  #capacity: number;
  #small: Item[] = [];
  #main: Item[] = [];
  readonly #uses = new Map<Item, number>();
  #ghosts: GhostQueue | undefined;
  #comesBack = false;
  #detachedFrom: 'small' | 'main' = 'small';

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  arrive(key: number): void {
    this.#comesBack = this.#ghosts?.take(hashOf(key)) ?? false;
  }

  insert(item: Item): void {
    this.#uses.set(item, 0);
    (this.#comesBack ? this.#main : this.#small).push(item);
  }

  use(item: Item): void {
    this.#uses.set(item, Math.min(3, this.#usesOf(item) + 1));
  }

  victim(): Item | undefined {
    const small = Math.max(1, Math.floor(this.#capacity * 0.1));
    while (this.#small.length >= small || (this.#main.length === 0 && this.#small.length > 0)) {
      const [oldest] = this.#small as [Item];
      if (this.#usesOf(oldest) <= 1) return oldest;
      this.#small.shift();
      this.#main.push(oldest);
      this.#uses.set(oldest, 0);
    }
    while (this.#main.length > 0) {
      const [oldest] = this.#main as [Item];
      if (this.#usesOf(oldest) === 0) return oldest;
      this.#uses.set(oldest, this.#usesOf(oldest) - 1);
      this.#main.push(...this.#main.splice(0, 1));
    }
    return undefined;
  }

  evict(item: Item): void {
    if (this.#small.includes(item)) {
      this.#ghosts ??= new GhostQueue(Math.max(1, Math.ceil(this.#capacity * 0.9)));
      this.#ghosts.add(hashOf(item.key));
    }
    this.remove(item);
  }

  remove(item: Item): void {
    this.#small = this.#small.filter((other) => other !== item);
    this.#main = this.#main.filter((other) => other !== item);
  }

  detach(item: Item): void {
    this.#detachedFrom = this.#small.includes(item) ? 'small' : 'main';
    this.remove(item);
  }

  attach(item: Item): void {
    (this.#detachedFrom === 'small' ? this.#small : this.#main).push(item);
  }

  admits(): boolean {
    return true;
  }

  resize({ entries }: ModelShare): void {
    if (entries !== this.#capacity) this.#ghosts = undefined;
    this.#capacity = entries;
  }

  #usesOf(item: Item): number {
    return this.#uses.get(item) ?? Number.NaN;
  }
}

/** A new, empty policy. */
export function modelPolicy<Item extends ModelItem>(
  policy: MemoryCachePolicy,
  share: ModelShare,
  now: () => number,
): ModelPolicy<Item> {
  switch (policy) {
    case 'adaptive':
      return new ModelAdaptive(share, now);
    case 'fifo':
      return new ModelFifo();
    case 'lfu':
      return new ModelLfu();
    case 'lru':
      return new ModelLru();
    case 's3fifo':
      return new ModelS3fifo(share.entries);
    case 'sieve':
      return new ModelSieve();
    default:
      return new ModelTtl(now);
  }
}
