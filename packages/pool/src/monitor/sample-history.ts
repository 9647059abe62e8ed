import type { PoolFlow, PoolSample } from './sample.ts';

/** The last samples, up to a bound. */
export class SampleHistory {
  readonly #capacity: number;
  readonly #samples: PoolSample[] = [];
  /** Where the oldest is, once all places are taken. */
  #oldest = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get isFull(): boolean {
    return this.#samples.length === this.#capacity;
  }

  add(sample: PoolSample): void {
    if (!this.isFull) {
      this.#samples.push(sample);
      return;
    }
    this.#samples[this.#oldest] = sample;
    this.#oldest = (this.#oldest + 1) % this.#capacity;
  }

  /** All, the oldest first: a copy. */
  all(): PoolSample[] {
    return [...this.#samples.slice(this.#oldest), ...this.#samples.slice(0, this.#oldest)];
  }

  /** The newest ones, as many as it takes to make up the span in milliseconds. */
  last(span: number): SampleWindow {
    const samples: PoolSample[] = [];
    let covered = 0;
    for (let back = 1; back <= this.#samples.length && covered < span; back++) {
      const index = (this.#oldest - back + this.#samples.length) % this.#samples.length;
      const sample = this.#samples[index];
      if (sample === undefined) break;
      samples.push(sample);
      covered += sample.span;
    }
    return new SampleWindow(samples.toReversed());
  }
}

/** What several samples in a row say together. */
export class SampleWindow {
  /** The oldest first. */
  readonly samples: readonly PoolSample[];
  /** Milliseconds that they cover. */
  readonly span: number;

  constructor(samples: readonly PoolSample[]) {
    this.samples = samples;
    this.span = samples.reduce((sum, one) => sum + one.span, 0);
  }

  get latest(): PoolSample | undefined {
    return this.samples.at(-1);
  }

  /** How often something happened in all. */
  sum(what: keyof PoolFlow): number {
    return this.samples.reduce((sum, { flow }) => sum + flow[what], 0);
  }

  /** Over time; 0 of nothing. */
  mean(of: (sample: PoolSample) => number): number {
    if (this.span === 0) return 0;
    return this.samples.reduce((sum, one) => sum + of(one) * one.span, 0) / this.span;
  }

  /** The least value that is not below that part of them; 0 of nothing. */
  quantile(part: number, of: (sample: PoolSample) => number): number {
    const values = this.samples.map(of).toSorted((a, b) => a - b);
    return values[Math.max(0, Math.ceil(part * values.length) - 1)] ?? 0;
  }

  /** Which part of them. */
  share(of: (sample: PoolSample) => boolean): number {
    return this.samples.length === 0 ? 0 : this.samples.filter(of).length / this.samples.length;
  }
}
