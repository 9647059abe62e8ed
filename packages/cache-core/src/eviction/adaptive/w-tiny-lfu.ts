import type { Lifetimes } from '../../memory/lifetimes.ts';
import { appendTo, oldestOf, resetQueue, unlink } from '../slot-queue.ts';
import { grown } from '../slot-words.ts';
import { FrequencyHistory } from './frequency-history.ts';

/** Sentinels of the queues, and what stands in an entry's word for the queue it is in. */
const WINDOW = 1;
const PROBATION = 2;
const PROTECTED = 3;
/** Slots 0 (none) to 3 hold no entry. */
export const RESERVED = 4;

/** An entry's word: bit 0 used since it was last looked at, 1 sampled, 2–3 queue, 4–7 frequency. */
export const USED = 1;
export const SAMPLED = 2;
const QUEUE_SHIFT = 2;
const QUEUE = 3 << QUEUE_SHIFT;
const FREQUENCY_SHIFT = 4;
const HIGHEST_FREQUENCY = 15;

/** How many used entries are passed over, at the most, before one that was used is given up too. */
const CHANCES = 16;
/** How many used entries of the window are passed over likewise. */
const WINDOW_CHANCES = 8;
/** How many entries leave a window that has become too large, per entry that comes. */
const SPILLS = 2;
/** One step of ageing per so many uses; all is halved once in 16 × capacity uses. */
const USES_PER_STEP = 16;

/** A way to run the policy: how large the window is, and whether the main part rotates. */
export interface Configuration {
  /** Of the capacity, in per cent. */
  readonly window: number;
  /** Whether an entry that defended its place moves to the end of the line. */
  readonly rotates: boolean;
}

/** How many entries of a cache of the capacity are its window: some, and some are not. */
export function windowOf(capacity: number, percent: number): number {
  return Math.min(Math.max(Math.floor((capacity * percent) / 100), 1), Math.max(1, capacity - 1));
}

/**
 * The queues of a W-TinyLFU (Einziger, Friedman and Manes, "TinyLFU: A Highly Efficient Cache Admission
 * Policy", 2017) whose hits only set a bit, as in CLOCK and SIEVE: what was used is counted when an
 * entry comes up at the head of a queue, not before.
 *
 * New entries go through the **window**, a FIFO queue. At its head an entry contests the main part's
 * victim: the one used more often stays, and so does the victim in a tie. The main part is a segmented
 * queue: **probation**, and **protected** (three quarters) for what was used there. Frequencies
 * outlive the entries in a {@link FrequencyHistory}, and all are halved little by little.
 */
export class WTinyLfu {
  words: Uint8Array;
  hashes: Int32Array;
  readonly #lifetimes: Lifetimes | undefined;
  #capacity: number;
  #window: number;
  #targetWindow: number;
  #rotates: boolean;
  #windowSize = 0;
  #protectedSize = 0;
  /** Made at the first eviction. */
  #history: FrequencyHistory | undefined;
  #uses = 0;
  #ageNext = RESERVED;
  /** How many steps of ageing there were. */
  #aged = 0;
  /** Slots up to here have been in use. */
  #slotsUsed = RESERVED;

  /**
   * @param slots how many slots there are, reserved ones included
   * @param lifetimes entries whose time is over leave without a contest
   */
  constructor(
    capacity: number,
    slots: number,
    configuration: Configuration,
    lifetimes?: Lifetimes,
  ) {
    this.words = new Uint8Array(slots);
    this.hashes = new Int32Array(slots);
    this.#lifetimes = lifetimes;
    this.#capacity = capacity;
    this.#window = windowOf(capacity, configuration.window);
    this.#targetWindow = this.#window;
    this.#rotates = configuration.rotates;
  }

  /** Makes the queues empty. */
  reset(links: Int32Array): void {
    for (const sentinel of [WINDOW, PROBATION, PROTECTED]) resetQueue(links, sentinel);
    this.#windowSize = 0;
    this.#protectedSize = 0;
  }

  grow(slots: number): void {
    this.words = grown(this.words, slots);
    this.hashes = grown(this.hashes, slots);
  }

  /** Goes over to another way to run: the window grows or shrinks by one entry per entry that comes. */
  steer(configuration: Configuration): void {
    this.#targetWindow = windowOf(this.#capacity, configuration.window);
    this.#rotates = configuration.rotates;
  }

  /** As {@link steer}, for another capacity: what was remembered of keys that left is forgotten. */
  resize(capacity: number, configuration: Configuration): void {
    this.#capacity = capacity;
    this.#history = undefined;
    this.steer(configuration);
    this.#window = this.#targetWindow;
  }

  /**
   * A key that is absent comes, before room is made for it.
   * @returns how often it was used before, as far as is known
   */
  arrive(links: Int32Array, hash: number): number {
    if (this.#window !== this.#targetWindow) {
      this.#window += this.#window < this.#targetWindow ? 1 : -1;
    }
    for (let left = SPILLS; left > 0 && this.#windowSize > this.#window; left--) this.#spill(links);
    return this.#history === undefined ? 0 : this.#history.read(hash);
  }

  /**
   * The slot of the key takes its place.
   * @param known what {@link arrive} said
   */
  insert(links: Int32Array, slot: number, hash: number, known: number, sampled: boolean): void {
    if (this.#windowSize >= this.#window) this.#spill(links);
    const frequency = known < HIGHEST_FREQUENCY ? known + 1 : HIGHEST_FREQUENCY;
    this.words[slot] =
      (sampled ? SAMPLED : 0) | (WINDOW << QUEUE_SHIFT) | (frequency << FREQUENCY_SHIFT);
    this.hashes[slot] = hash;
    appendTo(links, WINDOW, slot);
    this.#windowSize++;
    if (slot >= this.#slotsUsed) this.#slotsUsed = slot + 1;
    this.#uses++;
    while (this.#uses >= USES_PER_STEP) this.#age();
  }

  /** The entry to give up, 0 for none; it stays where it is. Others may have moved. */
  victim(links: Int32Array): number {
    if (this.#windowSize < this.#window) {
      const victim = this.#mainVictim(links);
      if (victim !== 0) return victim;
    }
    for (let passes = 0; ; passes++) {
      const candidate = oldestOf(links, WINDOW);
      if (candidate === WINDOW) return this.#mainVictim(links);
      if (this.#isOver(candidate)) return candidate;
      const used = ((this.words[candidate] as number) & USED) !== 0;
      if (used) this.#count(candidate);
      const victim = this.#mainVictim(links);
      if (victim === 0) return candidate;
      if (this.#isOver(victim) || this.#frequency(candidate) > this.#frequency(victim)) {
        this.#move(links, candidate, PROBATION);
        return victim;
      }
      if (this.#rotates) this.#move(links, victim, PROBATION);
      if (!used || passes === WINDOW_CHANCES) return candidate;
      this.#move(links, candidate, WINDOW);
    }
  }

  /** The entry leaves for want of room: how often it was used is remembered. */
  evict(links: Int32Array, slot: number): void {
    this.#takeUse(slot);
    this.#history ??= new FrequencyHistory(this.#capacity, this.#aged);
    this.#history.write(this.hashes[slot] as number, this.#frequency(slot));
    this.remove(links, slot);
  }

  remove(links: Int32Array, slot: number): void {
    this.#left(slot);
    unlink(links, slot);
  }

  #mainVictim(links: Int32Array): number {
    const mostProtected = Math.floor((3 * (this.#capacity - this.#window)) / 4);
    let chances = CHANCES;
    for (;;) {
      const victim = oldestOf(links, PROBATION);
      if (victim === PROBATION || this.#protectedSize > mostProtected) {
        const veteran = oldestOf(links, PROTECTED);
        if (veteran === PROTECTED) return victim === PROBATION ? 0 : victim;
        if (chances > 0 && this.#takeUse(veteran)) {
          chances--;
          this.#move(links, veteran, PROTECTED);
        } else this.#move(links, veteran, PROBATION);
      } else if (chances > 0 && this.#takeUse(victim)) {
        chances--;
        this.#move(links, victim, PROTECTED);
      } else return victim;
    }
  }

  /** Moves the window's oldest entry to the main part, without a contest. */
  #spill(links: Int32Array): void {
    const slot = oldestOf(links, WINDOW);
    this.#takeUse(slot);
    this.#move(links, slot, PROBATION);
  }

  /** Counts the entry's use, if it was used. @returns whether it was */
  #takeUse(slot: number): boolean {
    const used = ((this.words[slot] as number) & USED) !== 0;
    if (used) this.#count(slot);
    return used;
  }

  #count(slot: number): void {
    const word = (this.words[slot] as number) & ~USED;
    const full = word >>> FREQUENCY_SHIFT === HIGHEST_FREQUENCY;
    this.words[slot] = full ? word : word + (1 << FREQUENCY_SHIFT);
    this.#uses++;
  }

  #frequency(slot: number): number {
    return (this.words[slot] as number) >>> FREQUENCY_SHIFT;
  }

  #move(links: Int32Array, slot: number, queue: number): void {
    this.#left(slot);
    unlink(links, slot);
    appendTo(links, queue, slot);
    this.words[slot] = ((this.words[slot] as number) & ~QUEUE) | (queue << QUEUE_SHIFT);
    if (queue === WINDOW) this.#windowSize++;
    else if (queue === PROTECTED) this.#protectedSize++;
  }

  #left(slot: number): void {
    const queue = ((this.words[slot] as number) & QUEUE) >>> QUEUE_SHIFT;
    if (queue === WINDOW) this.#windowSize--;
    else if (queue === PROTECTED) this.#protectedSize--;
  }

  #isOver(slot: number): boolean {
    const lifetimes = this.#lifetimes;
    return lifetimes !== undefined && lifetimes.expiring > 0 && lifetimes.isOver(slot);
  }

  #age(): void {
    this.#uses -= USES_PER_STEP;
    if (this.#ageNext >= this.#slotsUsed) this.#ageNext = RESERVED;
    const word = this.words[this.#ageNext] as number;
    const rest = word & ((1 << FREQUENCY_SHIFT) - 1);
    this.words[this.#ageNext++] = rest | ((word >>> (FREQUENCY_SHIFT + 1)) << FREQUENCY_SHIFT);
    this.#aged++;
    this.#history?.age();
  }
}
