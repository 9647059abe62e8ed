import { ModelHistory } from './model-frequency-history.ts';

/** A way to run the queues. */
export interface Way {
  /** The window's part of the room, in per cent. */
  readonly window: number;
  /** Whether what defended its place moves to the end. */
  readonly rotates: boolean;
  /** Whether a key that was known when it came wins a tie. */
  readonly admitsKnown: boolean;
  /** Uses per step of ageing. */
  readonly ageing: number;
}

/** How much may be held: entries, and what they weigh together. */
export interface ModelRoom {
  readonly entries: number;
  readonly weight: number;
}

/** A key in the queues. */
export interface Held {
  readonly hash: number;
  readonly place: number;
  readonly weight: number;
  frequency: number;
  used: boolean;
  known: boolean;
}

function windowOf(weight: number, { window }: Way): number {
  return Math.min(Math.max(1, weight - 1), Math.max(1, Math.floor((weight * window) / 100)));
}

/** The queues as arrays, the oldest first. */
export class ModelQueues<Entry extends Held> {
  #room: ModelRoom;
  #way: Way;
  #window: number;
  #history: ModelHistory | undefined;
  readonly #isOver: (entry: Entry) => boolean;
  #inWindow: Entry[] = [];
  #probation: Entry[] = [];
  #protected: Entry[] = [];
  /** Of the key that came last. */
  #known = -1;
  #weight = 1;
  #hash = 0;
  #detachedFrom: Entry[] = [];
  #uses = 0;
  #steps = 0;
  #cursor = 0;
  #places = 0;

  constructor(room: ModelRoom, way: Way, isOver: (entry: Entry) => boolean) {
    this.#room = room;
    this.#way = way;
    this.#window = windowOf(room.weight, way);
    this.#isOver = isOver;
  }

  steer(way: Way): void {
    this.#way = way;
  }

  resize(room: ModelRoom, way: Way): void {
    this.#room = room;
    this.#way = way;
    this.#window = windowOf(room.weight, way);
    this.#history = undefined;
  }

  arrive(hash: number, weight: number): void {
    this.#known = this.#history?.read(hash) ?? -1;
    this.#weight = weight;
    this.#hash = hash;
    const missing = windowOf(this.#room.weight, this.#way) - this.#window;
    this.#window += Math.sign(missing) * Math.min(Math.abs(missing), weight);
    if (missing >= 0) return;
    while (weigh(this.#inWindow) > this.#window && this.#inWindow.length > 1) this.#spill();
  }

  insert(entry: Entry): void {
    while (weigh(this.#inWindow) > 0 && weigh(this.#inWindow) + this.#weight > this.#window) {
      this.#spill();
    }
    entry.known = this.#known >= 0;
    entry.frequency = Math.min(15, Math.max(0, this.#known) + 1);
    entry.used = false;
    this.#inWindow.push(entry);
    this.#weight = 0;
    this.#places = Math.max(this.#places, entry.place + 1);
    this.#uses++;
    for (; this.#uses >= this.#way.ageing; this.#uses -= this.#way.ageing) this.#age();
  }

  victim(): Entry | undefined {
    if (weigh(this.#inWindow) + this.#weight <= this.#window) {
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
      if (this.#isOver(victim) || this.#wins(candidate, victim)) {
        this.#moveTo(this.#probation, candidate);
        return victim;
      }
      if (this.#way.rotates) this.#moveTo(this.#probation, victim);
      if (!hot || pass === 8) return candidate;
      this.#moveTo(this.#inWindow, candidate);
    }
  }

  evict(entry: Entry): void {
    this.#fold(entry);
    this.#history ??= new ModelHistory(this.#room.entries);
    this.#history.write(entry.hash, entry.frequency);
    this.remove(entry);
  }

  detach(entry: Entry): void {
    const queues = [this.#inWindow, this.#probation, this.#protected];
    this.#detachedFrom = queues.find((queue) => queue.includes(entry)) ?? [];
    this.remove(entry);
  }

  attach(entry: Entry): void {
    this.#detachedFrom.push(entry);
  }

  admits(weight: number): boolean {
    const { entries, weight: most } = this.#room;
    if (weight <= this.#window || weight <= (8 * most) / entries) return true;
    const frequency = Math.min(15, Math.max(0, this.#known) + 1);
    const queues = [this.#probation, this.#protected, this.#inWindow];
    const first = (queues.find(({ length }) => length > 0) ?? []).slice(0, 16);
    const uses = first.reduce((sum, one) => sum + one.frequency + (one.used ? 1 : 0), 0);
    if (weigh(first) === 0 || frequency / weight > uses / weigh(first)) return true;
    this.#history ??= new ModelHistory(this.#room.entries);
    this.#history.write(this.#hash, frequency);
    return false;
  }

  remove(entry: Entry): void {
    for (const queue of [this.#inWindow, this.#probation, this.#protected]) {
      if (queue.includes(entry)) queue.splice(queue.indexOf(entry), 1);
    }
  }

  #wins(candidate: Entry, victim: Entry): boolean {
    const ours = candidate.frequency * victim.weight;
    const theirs = victim.frequency * candidate.weight;
    return ours > theirs || (ours === theirs && this.#way.admitsKnown && candidate.known);
  }

  #mainVictim(): Entry | undefined {
    const most = Math.floor(0.75 * Math.max(0, this.#room.weight - this.#window));
    for (let chances = 16; ;) {
      const [young] = this.#probation;
      const [old] = this.#protected;
      if (young === undefined || weigh(this.#protected) > most) {
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

function weigh(queue: readonly Held[]): number {
  let sum = 0;
  for (const { weight } of queue) sum += weight;
  return sum;
}
