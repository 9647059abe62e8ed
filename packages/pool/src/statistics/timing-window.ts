import type { Clock } from '@perf/core';
import type { Timings } from './pool-stats.ts';

const WINDOW = 60_000;
/** Eight steps to an octave: a percentile is at most 12.5 % too high. */
const STEPS = 8;
/** The smallest time told from none: 2⁻¹⁰ ms, about a microsecond. */
const LOWEST_EXPONENT = -10;
const OCTAVES = 42;
const SLOTS = OCTAVES * STEPS + 1;
/** The top three bits of a double's mantissa end at this bit of its upper word. */
const SHIFT = 17;
const FIRST = (LOWEST_EXPONENT + 1023) * STEPS;

const float = new Float64Array(1);
const words = new Uint32Array(float.buffer);
const UPPER = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1 ? 1 : 0;

class Histogram {
  readonly counts: Uint32Array = new Uint32Array(SLOTS);
  zeroes = 0;
  max = 0;

  clear(): void {
    this.counts.fill(0);
    this.zeroes = 0;
    this.max = 0;
  }
}

/** Times of the last one to two minutes, in a fixed amount of memory. */
export class TimingWindow {
  readonly #clock: Clock;
  #current: Histogram | undefined;
  #previous: Histogram | undefined;
  #zeroes = 0;
  #seenZeroes = 0;
  #timed = 0;
  #turnsAt = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** One that took no time: a counter, nothing else. */
  addZero(): void {
    this.#zeroes++;
  }

  /** @param milliseconds what is below a microsecond counts as none */
  add(milliseconds: number): void {
    this.#turn();
    this.#current ??= new Histogram();
    this.#timed++;
    if (milliseconds > this.#current.max) this.#current.max = milliseconds;
    const slot = slotOf(milliseconds);
    if (slot < 0) this.#current.zeroes++;
    else this.#current.counts[slot] = (this.#current.counts[slot] ?? 0) + 1;
  }

  read(): Timings {
    this.#turn();
    const count = this.#zeroes + this.#timed;
    const { zeroes, counts, max } = this.#merged();
    let total = zeroes;
    for (const one of counts) total += one;
    const at = (part: number): number => {
      const rank = Math.ceil(part * total);
      let seen = zeroes;
      if (seen >= rank) return 0;
      for (let slot = 0; slot < SLOTS; slot++) {
        seen += counts[slot] ?? 0;
        if (seen >= rank) return Math.min(upperBound(slot), max);
      }
      return max;
    };
    return { count, p50: at(0.5), p95: at(0.95), p99: at(0.99), max };
  }

  /** Both halves together; those that took no time are put to the current one when it is read or turns. */
  #merged(): Histogram {
    this.#collectZeroes();
    const merged = new Histogram();
    for (const half of [this.#current, this.#previous]) {
      if (half === undefined) continue;
      merged.zeroes += half.zeroes;
      merged.max = Math.max(merged.max, half.max);
      half.counts.forEach((one, slot) => {
        merged.counts[slot] = (merged.counts[slot] ?? 0) + one;
      });
    }
    return merged;
  }

  #collectZeroes(): void {
    const fresh = this.#zeroes - this.#seenZeroes;
    if (fresh === 0) return;
    this.#current ??= new Histogram();
    this.#current.zeroes += fresh;
    this.#seenZeroes = this.#zeroes;
  }

  #turn(): void {
    const now = this.#clock.coarse();
    if (now < this.#turnsAt) return;
    this.#collectZeroes();
    const isLong = now >= this.#turnsAt + WINDOW;
    const oldest = this.#previous;
    oldest?.clear();
    this.#previous = isLong && this.#turnsAt > 0 ? undefined : this.#current;
    this.#current = oldest;
    this.#turnsAt = now + WINDOW;
  }
}

function slotOf(milliseconds: number): number {
  float[0] = milliseconds;
  return Math.min(((words[UPPER] ?? 0) >>> SHIFT) - FIRST, SLOTS - 1);
}

function upperBound(slot: number): number {
  words[UPPER] = (slot + FIRST + 1) << SHIFT;
  words[1 - UPPER] = 0;
  return float[0] ?? 0;
}
