import type { Clock } from '@perf/core';
import { Heartbeat } from '../signals/heartbeat.ts';
import { SAMPLE_FIELDS, type Sample } from './sample.ts';
import type { SampleDraft, SampleReader } from './readers/sample-reader.ts';

/** What costs a read of a file is read once in so many milliseconds, however often samples are taken. */
const SLOW_INTERVAL = 1000;
/**
 * How often the timer runs at least where its lateness matters, in milliseconds: more seldom, and a short block of the loop would mostly
 * fall between two runs.
 */
const BEAT = 20;
/** The same of a loop that does nothing. */
const IDLE_BEAT = 100;
/** A beat may be this much early: milliseconds are whole in timers, and not in the clock. */
const TOLERANCE = 1;

/** The signals of a sampler, made when it starts. */
export interface SampleReaders {
  /** Read for every sample. */
  readonly fast: readonly SampleReader[];
  /** Read once a second; samples between repeat what was read. */
  readonly slow: readonly SampleReader[];
}

/** Takes a sample at each interval while it is started. */
export class Sampler {
  readonly #clock: Clock;
  readonly #interval: number;
  readonly #makeReaders: () => SampleReaders;
  readonly #onSample: (sample: Sample) => void;
  #readers: SampleReaders | undefined;
  #draft: SampleDraft = emptyDraft();
  #heartbeat: Heartbeat | undefined;
  #lastRead = 0;
  #lastSlowRead = 0;

  /** @param onSample gets the same object each time */
  constructor(
    clock: Clock,
    interval: number,
    makeReaders: () => SampleReaders,
    onSample: (sample: Sample) => void,
  ) {
    this.#clock = clock;
    this.#interval = interval;
    this.#makeReaders = makeReaders;
    this.#onSample = onSample;
  }

  get isRunning(): boolean {
    return this.#readers !== undefined;
  }

  start(): void {
    if (this.isRunning) return;
    const readers = this.#makeReaders();
    this.#readers = readers;
    this.#draft = emptyDraft();
    this.#lastRead = this.#lastSlowRead = this.#clock.now();
    const listening = readers.fast.filter((reader) => reader.beat !== undefined);
    const every = (beat: number): number =>
      listening.length === 0 ? this.#interval : this.#interval / Math.ceil(this.#interval / beat);
    const periods = { busy: every(BEAT), idle: every(IDLE_BEAT) };
    this.#heartbeat = new Heartbeat(this.#clock, periods, (lateness) => {
      for (const reader of listening) reader.beat?.(lateness);
      const now = this.#clock.now();
      if (now - this.#lastRead >= this.#interval - TOLERANCE) this.#take(readers, now);
    });
  }

  stop(): void {
    this.#heartbeat?.stop();
    const { fast = [], slow = [] } = this.#readers ?? {};
    this.#readers = undefined;
    for (const reader of [...fast, ...slow]) reader.close?.();
  }

  #take({ fast, slow }: SampleReaders, now: number): void {
    const draft = this.#draft;
    draft.time = this.#clock.epoch();
    draft.interval = now - this.#lastRead;
    this.#lastRead = now;
    for (const reader of fast) reader.read(draft, draft.interval);
    const slowElapsed = now - this.#lastSlowRead;
    if (slowElapsed >= SLOW_INTERVAL - TOLERANCE) {
      this.#lastSlowRead = now;
      for (const reader of slow) reader.read(draft, slowElapsed);
    }
    this.#onSample(draft);
  }
}

function emptyDraft(): SampleDraft {
  return Object.fromEntries(SAMPLE_FIELDS.map((field) => [field, Number.NaN])) as SampleDraft;
}
