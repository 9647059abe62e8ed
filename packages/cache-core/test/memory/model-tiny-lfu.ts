/** A way to run: the window's part of the capacity, and whether what defended its place moves on. */
export interface Way {
  readonly window: number;
  readonly rotates: boolean;
}

/** Between which ways the policy chooses. */
export const WAYS: readonly Way[] = [
  { window: 0.01, rotates: false },
  { window: 0.1, rotates: true },
  { window: 0.3, rotates: true },
  { window: 0.8, rotates: true },
];

function windowOf(capacity: number, { window }: Way): number {
  return Math.min(Math.max(1, capacity - 1), Math.max(1, Math.floor(capacity * window + 1e-9)));
}

/** How often keys that left were used: lists by bucket, the newest first. */
export class ModelHistory {
  readonly #size: number;
  readonly #perStep: number;
  readonly #buckets = new Map<number, { fingerprint: number; frequency: number }[]>();

  constructor(capacity: number) {
    this.#size = Math.max(4, 2 ** Math.ceil(Math.log2(2 * capacity)));
    this.#perStep = Math.floor(this.#size / capacity);
  }

  read(hash: number): number {
    const fingerprint = this.#fingerprint(hash);
    return this.#bucket(hash).find((one) => one.fingerprint === fingerprint)?.frequency ?? 0;
  }

  write(hash: number, frequency: number): void {
    const fingerprint = this.#fingerprint(hash);
    const bucket = this.#bucket(hash);
    const others = bucket.filter((one) => one.fingerprint !== fingerprint);
    if (others.length === 4) {
      const least = Math.min(...others.map((one) => one.frequency));
      others.splice(
        others.findLastIndex((one) => one.frequency === least),
        1,
      );
    }
    const highest = Math.max(frequency, this.read(hash));
    this.#buckets.set(this.#number(hash), [{ fingerprint, frequency: highest }, ...others]);
  }

  /** The step of ageing that has the number. */
  age(step: number): void {
    for (let i = 0; i < this.#perStep; i++) {
      const word = (step * this.#perStep + i) % this.#size;
      const known = this.#buckets.get(Math.floor(word / 4))?.[word % 4];
      if (known !== undefined) known.frequency = Math.floor(known.frequency / 2);
    }
  }

  #fingerprint(hash: number): number {
    return Math.max(1, hash >>> 20);
  }

  #number(hash: number): number {
    return (hash >>> 0) % (this.#size / 4);
  }

  #bucket(hash: number): { fingerprint: number; frequency: number }[] {
    return this.#buckets.get(this.#number(hash)) ?? [];
  }
}

/** A key in the queues. */
export interface Held {
  readonly hash: number;
  readonly place: number;
  frequency: number;
  used: boolean;
}

/** The queues as arrays, the oldest first. */
export class ModelQueues<Entry extends Held> {
  #capacity: number;
  #way: Way;
  #window: number;
  #history: ModelHistory | undefined;
  readonly #isOver: (entry: Entry) => boolean;
  #inWindow: Entry[] = [];
  #probation: Entry[] = [];
  #protected: Entry[] = [];
  #known = 0;
  #uses = 0;
  #steps = 0;
  #cursor = 0;
  #places = 0;

  constructor(capacity: number, way: Way, isOver: (entry: Entry) => boolean = () => false) {
    this.#capacity = capacity;
    this.#way = way;
    this.#window = windowOf(capacity, way);
    this.#isOver = isOver;
  }

  steer(capacity: number, way: Way): void {
    if (capacity !== this.#capacity) this.#history = undefined;
    this.#capacity = capacity;
    this.#way = way;
  }

  arrive(hash: number): void {
    this.#window += Math.sign(windowOf(this.#capacity, this.#way) - this.#window);
    while (this.#inWindow.length > this.#window) this.#spill();
    this.#known = this.#history?.read(hash) ?? 0;
  }

  insert(entry: Entry): void {
    if (this.#inWindow.length >= this.#window) this.#spill();
    entry.frequency = Math.min(15, this.#known + 1);
    entry.used = false;
    this.#inWindow.push(entry);
    this.#places = Math.max(this.#places, entry.place + 1);
    this.#uses++;
    for (; this.#uses >= 16; this.#uses -= 16) this.#age();
  }

  victim(): Entry | undefined {
    if (this.#inWindow.length < this.#window) {
      const victim = this.#mainVictim();
      if (victim !== undefined) return victim;
    }
    for (let pass = 0; ; pass++) {
      const [candidate] = this.#inWindow;
      if (candidate === undefined) return this.#mainVictim();
      if (this.#isOver(candidate)) return candidate;
      const hot = this.#fold(candidate);
      const victim = this.#mainVictim();
      if (victim === undefined) return candidate;
      if (this.#isOver(victim) || candidate.frequency > victim.frequency) {
        this.#moveTo(this.#probation, candidate);
        return victim;
      }
      if (this.#way.rotates) this.#moveTo(this.#probation, victim);
      if (!hot || pass === 8) return candidate;
      this.#moveTo(this.#inWindow, candidate);
    }
  }

  evict(entry: Entry): void {
    this.#history ??= new ModelHistory(this.#capacity);
    this.#history.write(entry.hash, entry.frequency);
    this.remove(entry);
  }

  remove(entry: Entry): void {
    for (const queue of [this.#inWindow, this.#probation, this.#protected]) {
      if (queue.includes(entry)) queue.splice(queue.indexOf(entry), 1);
    }
  }

  #mainVictim(): Entry | undefined {
    const most = Math.floor(0.75 * (this.#capacity - this.#window));
    for (let chances = 16; ;) {
      const [young] = this.#probation;
      const [old] = this.#protected;
      if (young === undefined || this.#protected.length > most) {
        if (old === undefined) return young;
        const stays = chances > 0 && this.#fold(old);
        if (stays) chances--;
        this.#moveTo(stays ? this.#protected : this.#probation, old);
      } else if (chances > 0 && this.#fold(young)) {
        chances--;
        this.#moveTo(this.#protected, young);
      } else return young;
    }
  }

  #spill(): void {
    const [oldest] = this.#inWindow as [Entry];
    this.#fold(oldest);
    this.#moveTo(this.#probation, oldest);
  }

  #moveTo(queue: Entry[], entry: Entry): void {
    this.remove(entry);
    queue.push(entry);
  }

  #fold(entry: Entry): boolean {
    if (!entry.used) return false;
    entry.used = false;
    entry.frequency = Math.min(15, entry.frequency + 1);
    this.#uses++;
    return true;
  }

  #age(): void {
    if (this.#cursor >= this.#places) this.#cursor = 0;
    for (const entry of [...this.#inWindow, ...this.#probation, ...this.#protected]) {
      if (entry.place === this.#cursor) entry.frequency = Math.floor(entry.frequency / 2);
    }
    this.#cursor++;
    this.#history?.age(this.#steps);
    this.#steps++;
  }
}

/** A cache of hashes that always runs in one way. */
export class ModelShadow {
  hits = 0;
  readonly #queues: ModelQueues<Held>;
  readonly #capacity: number;
  readonly #held = new Map<number, Held>();

  constructor(capacity: number, way: Way) {
    this.#capacity = capacity;
    this.#queues = new ModelQueues(capacity, way);
  }

  access(hash: number): void {
    const found = this.#held.get(hash);
    if (found !== undefined) {
      this.hits++;
      found.used = true;
      return;
    }
    this.#queues.arrive(hash);
    let place = this.#held.size;
    if (place === this.#capacity) {
      const victim = this.#queues.victim() as Held;
      this.#queues.evict(victim);
      this.#held.delete(victim.hash);
      ({ place } = victim);
    }
    const entry: Held = { hash, place, frequency: 0, used: false };
    this.#held.set(hash, entry);
    this.#queues.insert(entry);
  }
}
