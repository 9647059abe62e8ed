import { ExponentialHistogram } from '../../exponential/exponential-histogram.ts';
import type { RecentOperations } from '../profile.ts';

/** Half of what is kept, in milliseconds. */
const HALF = 60_000;
const SECOND = 1000;

interface Half {
  readonly times: ExponentialHistogram;
  errors: number;
}

/** Durations of the last one to two minutes, in two halves that take turns. */
export class RecentWindow {
  #current = emptyHalf();
  #previous: Half | undefined;
  /** When the present half began. */
  #since: number;

  constructor(now: number) {
    this.#since = now;
  }

  /** @param milliseconds at least 0 */
  add(milliseconds: number, failed: boolean, now: number): void {
    this.#turn(now);
    this.#current.times.record(milliseconds);
    if (failed) this.#current.errors++;
  }

  read(now: number): RecentOperations {
    this.#turn(now);
    const times = new ExponentialHistogram();
    times.merge(this.#current.times);
    if (this.#previous !== undefined) times.merge(this.#previous.times);
    const duration = now - this.#since + (this.#previous === undefined ? 0 : HALF);
    return {
      duration,
      count: times.count,
      errors: this.#current.errors + (this.#previous?.errors ?? 0),
      perSecond: duration > 0 ? (times.count / duration) * SECOND : 0,
      mean: times.mean,
      p50: times.percentile(0.5),
      p95: times.percentile(0.95),
      p99: times.percentile(0.99),
      max: times.max,
    };
  }

  #turn(now: number): void {
    const age = now - this.#since;
    if (age < HALF) return;
    const spare = this.#previous ?? emptyHalf();
    spare.times.clear();
    spare.errors = 0;
    if (age < 2 * HALF) {
      this.#previous = this.#current;
      this.#current = spare;
      this.#since += HALF;
    } else {
      // Nothing of it is recent; the time for which nothing ended counts all the same.
      this.#current.times.clear();
      this.#current.errors = 0;
      this.#previous = spare;
      this.#since = now;
    }
  }
}

function emptyHalf(): Half {
  return { times: new ExponentialHistogram(), errors: 0 };
}
