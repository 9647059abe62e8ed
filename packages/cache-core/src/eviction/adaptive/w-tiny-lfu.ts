import { appendTo, oldestOf, resetQueue, toEnd, unlink } from '../slot-queue.ts';
import { grown } from '../slot-words.ts';
import type { Configuration, Room } from './configuration.ts';
import {
  FREQUENCY,
  FREQUENCY_SHIFT,
  HIGHEST_FREQUENCY,
  KNOWN,
  ONE_USE,
  PROBATION,
  PROTECTED,
  QUEUE,
  QUEUE_SHIFT,
  RESERVED,
  SAMPLED,
  USED,
  WINDOW,
} from './entry-word.ts';
import { FrequencyHistory } from './frequency-history.ts';
import { isWorthIt } from './heavy-entry.ts';
import { hasSeveral } from './queue-order.ts';

/** How many used entries are passed over, at the most, before one that was used is given up too. */
const CHANCES = 16;
/** How many used entries of the window are passed over likewise. */
const WINDOW_CHANCES = 8;
/** Above so many times the mean weight an entry has to contest before it comes, not after. */
const HEAVY = 8;
/** How many entries one insertion moves out of the window, at the most, when that has become smaller. */
const SPILLS = 64;

/**
 * The queues of a W-TinyLFU (Einziger, Friedman and Manes, "TinyLFU: A Highly Efficient Cache Admission
 * Policy", 2017) whose hits only set a bit, as in CLOCK and SIEVE: what was used is counted when an
 * entry comes up at the head of a queue, not before.
 *
 * New entries go through the **window**, a FIFO queue. At its head an entry contests the main part's
 * victim: the one used more often stays; where entries have weights, the one used more often per unit
 * of weight. The main part is a segmented queue: **probation**, and **protected** (three quarters) for
 * what was used there. Frequencies outlive the entries in a {@link FrequencyHistory}, and all are halved
 * little by little.
 */
export class WTinyLfu {
  words: Uint16Array;
  hashes: Int32Array;
  #weights: Float64Array | undefined;
  /**
   * Per slot when its time is over, 0 or less for never, if any can be over; and the time. Entries whose
   * time is over leave without a contest.
   */
  expiries: Int32Array | undefined;
  now = 0;
  #room: Room;
  #window: number;
  #targetWindow: number;
  /** The configuration's, at hand. */
  #rotates = false;
  #admitsKnown = false;
  #ageing = 0;
  /** How much may be protected, as the window is. */
  #mostProtected = 0;
  // What the entries of the queues weigh together.
  #inWindow = 0;
  #inProtected = 0;
  /** Made at the first eviction. */
  #history: FrequencyHistory | undefined;
  #uses = 0;
  #ageNext = RESERVED;
  /** How many steps of ageing there were. */
  #aged = 0;
  /** Slots up to here have been in use. */
  #slotsUsed = RESERVED;
  // Of the key that `arrive` was told of.
  #hash = 0;
  #weight = 1;
  /** What the history knew of it: its frequency, or -1 for nothing. */
  #known = -1;

  /**
   * @param slots how many slots there are, reserved ones included
   * @param weights per slot, if entries have weights
   */
  constructor(room: Room, slots: number, configuration: Configuration, weights?: Float64Array) {
    this.words = new Uint16Array(slots);
    this.hashes = new Int32Array(slots);
    this.#weights = weights;
    this.#room = room;
    this.#targetWindow = 0;
    this.#window = 0;
    this.resize(room, configuration);
  }

  /** Makes the queues empty. */
  reset(links: Int32Array): void {
    for (const sentinel of [WINDOW, PROBATION, PROTECTED]) resetQueue(links, sentinel);
    this.#inWindow = 0;
    this.#inProtected = 0;
  }

  grow(slots: number, weights: Float64Array | undefined): void {
    this.words = grown(this.words, slots);
    this.hashes = grown(this.hashes, slots);
    this.#weights = weights;
  }

  /** Goes over to another way to run: the window grows or shrinks with each entry that comes. */
  steer({ window, rotates, admitsKnown, ageing }: Configuration): void {
    const { weight } = this.#room;
    const wanted = Math.max(Math.floor((weight * window) / 100), 1);
    this.#targetWindow = Math.min(wanted, Math.max(1, weight - 1));
    this.#rotates = rotates;
    this.#admitsKnown = admitsKnown;
    this.#ageing = ageing;
  }

  /** As {@link steer}, for another room: what was remembered of keys that left is forgotten. */
  resize(room: Room, configuration: Configuration): void {
    this.#room = room;
    this.#history = undefined;
    this.steer(configuration);
    this.#setWindow(this.#targetWindow);
  }

  /** A key that is absent comes, before room is made for it. */
  arrive(links: Int32Array, hash: number, weight: number): void {
    this.#hash = hash;
    this.#weight = weight;
    this.#known = this.#history === undefined ? -1 : this.#history.read(hash);
    if (this.#window !== this.#targetWindow) this.#drift(links, weight);
  }

  /** The slot of the key that {@link arrive} was told of takes its place. */
  insert(links: Int32Array, slot: number, sampled: boolean): void {
    const most = this.#window - this.#weight;
    for (let left = SPILLS; this.#inWindow > 0 && this.#inWindow > most && left > 0; left--) {
      this.#spill(links);
    }
    const known = this.#known;
    const frequency = known < 0 ? 1 : Math.min(known + 1, HIGHEST_FREQUENCY);
    this.words[slot] =
      (sampled ? SAMPLED : 0) |
      (WINDOW << QUEUE_SHIFT) |
      (frequency << FREQUENCY_SHIFT) |
      (known < 0 ? 0 : KNOWN);
    this.hashes[slot] = this.#hash;
    appendTo(links, WINDOW, slot);
    this.#inWindow += this.#weight;
    this.#weight = 0;
    if (slot >= this.#slotsUsed) this.#slotsUsed = slot + 1;
    this.#uses++;
    while (this.#uses >= this.#ageing) this.#age();
  }

  /** The entry to give up, 0 for none; it stays where it is. Others may have moved. */
  victim(links: Int32Array): number {
    if (this.#inWindow + this.#weight <= this.#window) {
      const victim = this.#mainVictim(links);
      if (victim !== 0) return victim;
    }
    for (let passes = 0; ; passes++) {
      const candidate = oldestOf(links, WINDOW);
      if (candidate === WINDOW) return this.#mainVictim(links);
      if (this.#isOver(candidate)) return candidate;
      const used = this.#countUse(candidate);
      const victim = this.#mainVictim(links);
      if (victim === 0) return candidate;
      if (this.#isOver(victim) || this.#wins(candidate, victim)) {
        this.#move(links, candidate, PROBATION);
        return victim;
      }
      if (this.#rotates) toEnd(links, PROBATION, victim);
      if (!used || passes === WINDOW_CHANCES) return candidate;
      toEnd(links, WINDOW, candidate);
    }
  }

  /** The entry leaves for want of room: how often it was used is remembered. */
  evict(links: Int32Array, slot: number): void {
    this.#countUse(slot);
    this.#remember(
      this.hashes[slot] as number,
      ((this.words[slot] as number) & FREQUENCY) >>> FREQUENCY_SHIFT,
    );
    this.remove(links, slot);
  }

  remove(links: Int32Array, slot: number): void {
    this.#left(slot);
    unlink(links, slot);
  }

  /** An entry that was removed for a while is the newest again of the queue it was in. */
  attach(links: Int32Array, slot: number): void {
    const queue = ((this.words[slot] as number) & QUEUE) >>> QUEUE_SHIFT;
    appendTo(links, queue, slot);
    this.#entered(slot, queue);
  }

  /**
   * Whether the key that {@link arrive} was told of may drive out so many as its weight demands. One that is
   * no heavier than others is tried in the window. One that is contests at once, by its uses per unit of
   * weight, those that would leave first; if it loses, its use is remembered.
   */
  admits(links: Int32Array, weight: number): boolean {
    const room = this.#room;
    if (weight <= this.#window || weight * room.entries <= HEAVY * room.weight) return true;
    const frequency = Math.min(Math.max(this.#known, 0) + 1, HIGHEST_FREQUENCY);
    if (isWorthIt(frequency, weight, links, this.words, this.#weights)) return true;
    this.#remember(this.#hash, frequency);
    return false;
  }

  /** The entry's weight is about to change. */
  reweigh(slot: number, weight: number): void {
    const more = weight - this.#weightOf(slot);
    const queue = (this.words[slot] as number) & QUEUE;
    if (queue === WINDOW << QUEUE_SHIFT) this.#inWindow += more;
    else if (queue === PROTECTED << QUEUE_SHIFT) this.#inProtected += more;
  }

  #remember(hash: number, frequency: number): void {
    this.#history ??= new FrequencyHistory(this.#room.entries, this.#aged);
    this.#history.write(hash, frequency);
  }

  #setWindow(window: number): void {
    this.#window = window;
    this.#mostProtected = Math.floor((3 * Math.max(0, this.#room.weight - window)) / 4);
  }

  #drift(links: Int32Array, step: number): void {
    if (this.#window < this.#targetWindow) {
      this.#setWindow(Math.min(this.#window + step, this.#targetWindow));
      return;
    }
    this.#setWindow(Math.max(this.#window - step, this.#targetWindow));
    for (let left = SPILLS; this.#inWindow > this.#window && left > 0; left--) {
      if (!hasSeveral(links, WINDOW)) break;
      this.#spill(links);
    }
  }

  #wins(candidate: number, victim: number): boolean {
    const word = this.words[candidate] as number;
    const ours = (word & FREQUENCY) * this.#weightOf(victim);
    const theirs = ((this.words[victim] as number) & FREQUENCY) * this.#weightOf(candidate);
    if (ours !== theirs) return ours > theirs;
    return this.#admitsKnown && (word & KNOWN) !== 0;
  }

  #mainVictim(links: Int32Array): number {
    const mostProtected = this.#mostProtected;
    let chances = CHANCES;
    for (;;) {
      const victim = oldestOf(links, PROBATION);
      if (victim === PROBATION || this.#inProtected > mostProtected) {
        const veteran = oldestOf(links, PROTECTED);
        if (veteran === PROTECTED) return victim === PROBATION ? 0 : victim;
        if (chances > 0 && this.#countUse(veteran)) {
          chances--;
          toEnd(links, PROTECTED, veteran);
        } else this.#move(links, veteran, PROBATION);
      } else if (chances > 0 && this.#countUse(victim)) {
        chances--;
        this.#move(links, victim, PROTECTED);
      } else return victim;
    }
  }

  /** Moves the window's oldest entry to the main part, without a contest. */
  #spill(links: Int32Array): void {
    const slot = oldestOf(links, WINDOW);
    this.#countUse(slot);
    this.#move(links, slot, PROBATION);
  }

  /** Counts the entry's use, if it was used since it was last looked at. @returns whether it was */
  #countUse(slot: number): boolean {
    const word = this.words[slot] as number;
    if ((word & USED) === 0) return false;
    const counted = word & ~USED;
    this.words[slot] = (word & FREQUENCY) === FREQUENCY ? counted : counted + ONE_USE;
    this.#uses++;
    return true;
  }

  #move(links: Int32Array, slot: number, queue: number): void {
    this.#left(slot);
    unlink(links, slot);
    appendTo(links, queue, slot);
    this.words[slot] = ((this.words[slot] as number) & ~QUEUE) | (queue << QUEUE_SHIFT);
    this.#entered(slot, queue);
  }

  #entered(slot: number, queue: number): void {
    if (queue === WINDOW) this.#inWindow += this.#weightOf(slot);
    else if (queue === PROTECTED) this.#inProtected += this.#weightOf(slot);
  }

  #left(slot: number): void {
    const queue = (this.words[slot] as number) & QUEUE;
    if (queue === WINDOW << QUEUE_SHIFT) this.#inWindow -= this.#weightOf(slot);
    else if (queue === PROTECTED << QUEUE_SHIFT) this.#inProtected -= this.#weightOf(slot);
  }

  #weightOf(slot: number): number {
    return this.#weights === undefined ? 1 : (this.#weights[slot] as number);
  }

  #isOver(slot: number): boolean {
    if (this.expiries === undefined) return false;
    const expiry = this.expiries[slot] as number;
    return expiry > 0 && expiry <= this.now;
  }

  #age(): void {
    this.#uses -= this.#ageing;
    if (this.#ageNext >= this.#slotsUsed) this.#ageNext = RESERVED;
    const word = this.words[this.#ageNext] as number;
    this.words[this.#ageNext++] = (word & ~FREQUENCY) | (((word & FREQUENCY) >>> 1) & FREQUENCY);
    this.#aged++;
    this.#history?.age();
  }
}
