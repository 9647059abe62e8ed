import type { Clock } from '@perf/core';
import type { Labels } from '../series/labels.ts';
import { exemplarOf, type Exemplar } from './exemplar.ts';

/** Octaves that have one each; the smallest leaves for a larger. */
const MAX_EXEMPLARS = 16;
/** Of how many observations one is asked for, though it does not stand out. */
const ASKED_EVERY = 64;

/** Where the labels of exemplars come from. */
export interface ExemplarSource {
  readonly clock: Clock;
  /** See `RegistryOptions.exemplar`. */
  readonly ask: (() => Labels | undefined) | undefined;
}

/** The newest exemplar of each power of two. */
export class Exemplars {
  readonly #source: ExemplarSource;
  readonly #byOctave = new Map<number, Exemplar>();
  #untilAsked = 0;

  constructor(source: ExemplarSource) {
    this.#source = source;
  }

  /** Ascending by value. */
  list(): readonly Exemplar[] {
    return [...this.#byOctave.values()].toSorted((a, b) => a.value - b.value);
  }

  /** Keeps the observation with these labels. */
  note(value: number, labels: Labels): void {
    const exemplar = exemplarOf(labels, value, this.#source.clock.epoch());
    if (exemplar === undefined) return;
    const octave = value > 0 ? Math.ceil(Math.log2(value)) : -Infinity;
    this.#byOctave.set(octave, exemplar);
    if (this.#byOctave.size > MAX_EXEMPLARS) {
      this.#byOctave.delete(Math.min(...this.#byOctave.keys()));
    }
  }

  /** Asks for the labels of an observation, if it is one of many or the largest so far. */
  offer(value: number, standsOut: boolean): void {
    if (this.#untilAsked > 0 && !standsOut) {
      this.#untilAsked--;
      return;
    }
    this.#untilAsked = ASKED_EVERY - 1;
    let labels: Labels | undefined;
    try {
      labels = this.#source.ask?.();
    } catch {
      // Whoever counts must not fail for the sake of an exemplar.
      return;
    }
    if (labels !== undefined) this.note(value, labels);
  }
}
