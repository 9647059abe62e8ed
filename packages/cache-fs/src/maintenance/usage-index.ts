import { SHARDS, shardOf } from '../disk/layout.ts';

/** What is known of an entry without reading it. */
export interface Usage {
  /** The length of its file. */
  bytes: number;
  /** When it was last used, milliseconds since 1970. */
  used: number;
  /** When its file was last marked as used. */
  marked: number;
  /** When it expires. */
  until: number;
  /** The number of the last change to this record. */
  change: number;
}

/** A {@link Usage} of one shape: objects made by spreading take twice the memory. */
class UsageRecord implements Usage {
  bytes: number;
  used: number;
  marked: number;
  until: number;
  change: number;

  constructor(usage: Omit<Usage, 'change'>, change: number) {
    this.bytes = usage.bytes;
    this.used = usage.used;
    this.marked = usage.marked;
    this.until = usage.until;
    this.change = change;
  }
}

/** Bounds of a {@link UsageIndex}. */
export interface UsageLimits {
  readonly maxEntries: number;
  readonly maxBytes: number;
}

/** At least so many victims are chosen at a time, and at least this share of the entries. */
const FEWEST_VICTIMS = 16;
const VICTIM_SHARE = 1 / 16;
/** Makes moments within a millisecond follow one another; a double near 2⁴¹ has steps of 2⁻¹². */
const TICK = 1 / 1024;

/**
 * What this process knows of the entries on disk: it wrote or read them, or came across them in a
 * sweep. Exact for one process; what other processes did since the last sweep is missing.
 */
export class UsageIndex {
  readonly #limits: UsageLimits;
  readonly #shards = new Map<string, Map<string, Usage>>(SHARDS.map((shard) => [shard, new Map()]));
  #entries = 0;
  #bytes = 0;
  #elsewhere = 0;
  #elsewhereBytes = 0;
  #change = 0;
  #moment = 0;
  /** Least recently used last; an entry that was used since is passed over. */
  #victims: { readonly name: string; readonly used: number }[] = [];

  constructor(limits: UsageLimits) {
    this.#limits = limits;
  }

  get entries(): number {
    return this.#entries;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Records noted after this number are newer than it. */
  get change(): number {
    return this.#change;
  }

  /** Whether the bounds are exceeded, or would be by so much more. */
  exceeded(entries = 0, bytes = 0): boolean {
    return (
      this.#entries + this.#elsewhere + entries > this.#limits.maxEntries ||
      this.#bytes + this.#elsewhereBytes + bytes > this.#limits.maxBytes
    );
  }

  get(name: string): Usage | undefined {
    return this.#shard(name).get(name);
  }

  /** An entry was written, or found on disk. */
  put(name: string, usage: Omit<Usage, 'change'>): void {
    const shard = this.#shard(name);
    const known = shard.get(name);
    if (known === undefined) {
      this.#entries++;
      shard.set(name, new UsageRecord(usage, ++this.#change));
    } else {
      this.#bytes -= known.bytes;
      known.bytes = usage.bytes;
      known.used = usage.used;
      known.marked = usage.marked;
      known.until = usage.until;
      known.change = ++this.#change;
    }
    this.#bytes += usage.bytes;
  }

  /** The time as a moment of use, later than any given out before. */
  moment(now: number): number {
    this.#moment = now > this.#moment ? now : this.#moment + TICK;
    return this.#moment;
  }

  delete(name: string): void {
    this.#drop(this.#shard(name), name);
  }

  /** A victim was already gone: another process made room, and used it. */
  goneElsewhere(bytes: number): void {
    this.#elsewhere++;
    this.#elsewhereBytes += bytes;
  }

  /** Drops the records of a shard that are neither among `found` nor newer than `since`. */
  reconcile(shard: string, found: ReadonlySet<string>, since: number): void {
    const records = this.#shards.get(shard);
    if (records === undefined) return;
    for (const [name, { change }] of records) {
      if (change <= since && !found.has(name)) this.#drop(records, name);
    }
  }

  /** Every shard has been reconciled: nothing is left to guess. */
  settle(): void {
    this.#elsewhere = 0;
    this.#elsewhereBytes = 0;
  }

  clear(): void {
    for (const shard of this.#shards.values()) shard.clear();
    this.#entries = 0;
    this.#bytes = 0;
    this.#victims = [];
    this.settle();
  }

  /** The names in a shard that have expired. */
  expired(shard: string, now: number): string[] {
    const names: string[] = [];
    for (const [name, { until }] of this.#shards.get(shard) ?? []) {
      if (until <= now) names.push(name);
    }
    return names;
  }

  /** The next entry to evict: an expired one, or the least recently used. */
  nextVictim(now: number): string | undefined {
    for (let refilled = false; ; refilled = true) {
      for (let next = this.#victims.pop(); next !== undefined; next = this.#victims.pop()) {
        if (this.get(next.name)?.used === next.used) return next.name;
      }
      if (refilled) return undefined;
      this.#chooseVictims(now);
    }
  }

  /** O(n log n) once for many victims, so that a read costs no list of its own. */
  #chooseVictims(now: number): void {
    const count = Math.max(FEWEST_VICTIMS, Math.ceil(this.#entries * VICTIM_SHARE));
    const ages = new Float64Array(this.#entries);
    let filled = 0;
    for (const shard of this.#shards.values()) {
      for (const usage of shard.values()) ages[filled++] = age(usage, now);
    }
    const limit = ages.toSorted()[Math.min(count, ages.length) - 1] ?? 0;
    const victims: { name: string; used: number; age: number }[] = [];
    for (const shard of this.#shards.values()) {
      for (const [name, usage] of shard) {
        const own = age(usage, now);
        if (own <= limit) victims.push({ name, used: usage.used, age: own });
      }
    }
    this.#victims = victims.toSorted((a, b) => b.age - a.age).slice(-count);
  }

  #shard(name: string): Map<string, Usage> {
    return this.#shards.get(shardOf(name)) as Map<string, Usage>;
  }

  #drop(records: Map<string, Usage>, name: string): void {
    const known = records.get(name);
    if (known === undefined) return;
    records.delete(name);
    this.#entries--;
    this.#bytes -= known.bytes;
  }
}

function age(usage: Usage, now: number): number {
  return usage.until <= now ? 0 : usage.used;
}
