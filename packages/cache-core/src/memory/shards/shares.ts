import type { Share } from '../../eviction/eviction-policy.ts';
import type { Budget } from './budget.ts';
import type { Shard } from './shard.ts';

/** What each shard of a memory cache may expect to hold, and which of them gives up an entry. */
export class Shares<Key, Value> {
  readonly #budget: Budget;
  readonly #shards: readonly Shard<Key, Value>[];
  #count: number;
  #share: Share;
  /** The shard that {@link evictAnywhere} asks next. */
  #turn = 0;
  /** How many entries there is room for where they have weights, as far as was seen. */
  #fitting: number | undefined;
  /** What those weigh together; less than `maxBytes` where `maxEntries` is reached first. */
  #fittingBytes = Infinity;

  /**
   * @param shards those there are; more may come and go
   * @param count over how many, made as they are needed, the entries are spread
   */
  constructor(budget: Budget, shards: readonly Shard<Key, Value>[], count: number) {
    this.#budget = budget;
    this.#shards = shards;
    this.#count = count;
    this.#share = this.#reckoned();
  }

  /** What one shard is to expect; another object when it changes. */
  get share(): Share {
    return this.#share;
  }

  get count(): number {
    return this.#count;
  }

  /** The entries are to be spread over so many shards from now on. */
  set count(count: number) {
    this.#count = count;
    this.#share = this.#reckoned();
  }

  /** The cache's bounds have changed; what is above them leaves right after. */
  resized(): void {
    this.#fittingBytes = Infinity;
    this.#share = this.#reckoned();
    for (const shard of this.#shards) shard.adapt();
  }

  /** Gives up one entry of any shard, of each in turn. @returns whether there was one to give */
  evictAnywhere(): boolean {
    this.reckon();
    const shards = this.#shards;
    for (let asked = 0; asked < shards.length; asked++) {
      this.#turn = (this.#turn + 1) % shards.length;
      if (shards[this.#turn]?.evictOne() === true) return true;
    }
    return false;
  }

  /** As {@link evictAnywhere}, of the shard that has most, if that has one to give. */
  evictFromLargest(): boolean {
    let largest = this.#shards[0];
    for (const shard of this.#shards) {
      if (shard.table.index.size > (largest?.table.index.size ?? 0)) largest = shard;
    }
    return largest?.evictOne() === true || this.evictAnywhere();
  }

  /**
   * There is no room: about as many entries as there are fit, or more of their weight if it is a heavy one
   * that has no room. It is noted at the first time, and when their number or weight has doubled or halved;
   * each shard goes by it when its turn comes.
   */
  reckon(): void {
    const { maxEntries, maxBytes, entries: held, bytes: weight } = this.#budget;
    if (maxBytes === Infinity) return;
    const bytes = held >= maxEntries ? Math.max(1, weight) : maxBytes;
    const entries = Math.max(1, Math.min(maxEntries, (held * bytes) / Math.max(1, weight)));
    if (isAbout(entries, this.#fitting) && isAbout(bytes, this.#fittingBytes)) return;
    this.#fitting = Math.round(entries);
    this.#fittingBytes = bytes;
    this.#share = this.#reckoned();
  }

  #reckoned(): Share {
    const { maxEntries, maxBytes } = this.#budget;
    const entries = Math.min(maxEntries, this.#fitting ?? maxEntries);
    return {
      entries: Math.ceil(entries / this.#count),
      bytes: Math.min(maxBytes, this.#fittingBytes) / this.#count,
    };
  }
}

/** Whether a figure is neither more than twice nor less than half of what was known. */
function isAbout(figure: number, known: number | undefined): boolean {
  return known !== undefined && figure <= 2 * known && known <= 2 * figure;
}
