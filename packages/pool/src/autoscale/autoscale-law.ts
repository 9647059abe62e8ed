import type { Measurement } from './measurement.ts';
import type { PoolAutoscalerSettings } from './options.ts';

/** Why a limit has changed. */
export type LimitReason =
  /** Callers wait: a higher one is tried. */
  | 'waiting'
  /** What is held is held for longer than it used to be: a lower one is tried. */
  | 'slow'
  /** The higher one brought too little. */
  | 'in vain'
  /** The lower one cost too much. */
  | 'needed'
  /** Fewer would have done for a while. */
  | 'unused';

/** Another limit. */
export interface LimitChange {
  readonly limit: number;
  readonly reason: LimitReason;
}

/** Callers count as waiting when somebody did in this part of the looks. */
const MOSTLY = 0.5;
/** The limit counts as used up when so much of it is out. */
const FULL = 0.9;
/** A limit is worth its places if the throughput grows by at least this part of what the limit grows by. */
const WORTH = 0.2;
/** The least and the most by which a limit is raised at once. */
const SMALL_STEP = 1.25;
const LARGE_STEP = 2;
/** What is left of a limit when a lower one is tried, and when it is not used. */
const TRIED = 0.5;
const UNUSED = 0.8;
/** Holding longer than this many times the usual says that what is behind is overloaded. */
const SLOW = 1.5;
/** By which part the usual time follows one that is longer, in an interval. */
const DRIFT = 0.005;
/** A throughput is known well enough to be compared with another, of a limit twice as high, when so many came back; more for a smaller step. */
const ENOUGH = 100;
/** A verdict has to be certain, by twice its standard error. */
const SIGMAS = 2;
/** Neither is waited for longer than so many intervals; a large step is urgent. */
const MOST_INTERVALS = 20;
const FEW_INTERVALS = 5;
const LARGE = 0.5;
/** What is unused is given up only where it is more than this part. */
const TOLERANCE = 0.1;

interface Trial {
  readonly from: number;
  /** What came back in a millisecond under that limit. */
  readonly throughput: number;
  /** Of how many that is known. */
  readonly released: number;
}

/**
 * Which limit a pool should have.
 *
 * Upwards: while callers wait and the limit is used up, a higher one is *tried*, and kept if the throughput grew by at least a fifth of what
 * the limit grew by; else what is behind the pool has no more to give, so the old one comes back and stays for a growing while. Where what is held is held
 * for half as long again as usual, a lower one is tried in the same way.
 * Downwards: to what the highest demand within `lowerAfter` needs, divided by `utilization`, by a fifth at a time. That demand would not
 * have to wait under the new limit, so lowering it is no reason to raise it.
 *
 * Sources: the hill climbing of .NET's thread pool (Hellerstein, Morrison, Eilebrecht, "Optimizing concurrency levels in the .NET
 * ThreadPool", 2008); for the way down, the stabilization window and the tolerance of Kubernetes' horizontal pod autoscaler; that throughput falls again beyond an
 * optimal concurrency, Gunther's universal scalability law.
 */
export class AutoscaleLaw {
  readonly #settings: PoolAutoscalerSettings;
  #limit: number;
  #trial: Trial | undefined;
  /** The first interval under a limit still shows the one before. */
  #isSettling = true;
  /** What came back under this limit while it was used up, in how many milliseconds and intervals. */
  #released = 0;
  #span = 0;
  #intervals = 0;
  /** For how many milliseconds none is tried, and for how many the next time. */
  #holding = 0;
  #hold: number;
  /** A limit that brought nothing, and for how many milliseconds that is remembered. */
  #ceiling = Infinity;
  #ceilingFor = 0;
  /** How long one is usually held, in milliseconds. */
  #usual = Infinity;
  /** The highest demand of each interval within `lowerAfter`. */
  readonly #peaks: number[] = [];

  constructor(settings: PoolAutoscalerSettings) {
    this.#settings = settings;
    this.#limit = settings.initial;
    this.#hold = settings.hold;
  }

  get limit(): number {
    return this.#limit;
  }

  /** Whether a limit is on trial. */
  get isTrying(): boolean {
    return this.#trial !== undefined;
  }

  /** Somebody else has set it. */
  adopt(limit: number): void {
    this.#trial = undefined;
    this.#change(limit);
  }

  /** @returns the new limit, if there is to be one */
  decide(measurement: Measurement): LimitChange | undefined {
    const { lowerAfter, interval } = this.#settings;
    this.#peaks.push(measurement.peak);
    if (this.#peaks.length > lowerAfter / interval) this.#peaks.shift();
    this.#holding = Math.max(0, this.#holding - measurement.span);
    this.#ceilingFor -= measurement.span;
    if (this.#ceilingFor <= 0) this.#ceiling = Infinity;
    if (this.#isSettling) {
      this.#isSettling = false;
      return undefined;
    }
    if (measurement.waitingShare < MOSTLY) return this.#atRest();
    // They wait for what is being created, or cannot be.
    if (measurement.active < FULL * this.#limit) return undefined;
    return this.#underLoad(measurement);
  }

  #atRest(): LimitChange | undefined {
    // Nobody waits under a limit on trial: it serves.
    this.#trial = undefined;
    this.#forget();
    const { min, lowerAfter, interval, utilization } = this.#settings;
    if (this.#peaks.length < Math.floor(lowerAfter / interval)) return undefined;
    const needed = Math.max(min, Math.ceil(Math.max(...this.#peaks) / utilization));
    if (needed > this.#limit * (1 - TOLERANCE)) return undefined;
    return this.#to(Math.max(needed, Math.floor(this.#limit * UNUSED)), 'unused');
  }

  #underLoad({ released, span, active, demand }: Measurement): LimitChange | undefined {
    this.#released += released;
    this.#span += span;
    this.#intervals++;
    if (this.#trial !== undefined) {
      const isBetter = this.#isBetter(this.#trial);
      if (isBetter === undefined) return undefined;
      const change = this.#settle(this.#trial, isBetter);
      if (change !== undefined) return change;
    }
    const use = (active * this.#span) / this.#released;
    const isSlow = this.#released > 0 && use > SLOW * this.#usual;
    const other = isSlow ? this.#lower() : this.#higher(demand);
    if (!this.#isKnown(Math.abs(other / this.#limit - 1))) return undefined;
    if (this.#released > 0) this.#learn(use);
    if (this.#holding === 0 && other !== this.#limit) {
      return this.#try(other, isSlow ? 'slow' : 'waiting');
    }
    this.#forget();
    return undefined;
  }

  /** Whether the throughput is known well enough for a step to be judged by it. */
  #isKnown(step: number): boolean {
    const most = step >= LARGE ? FEW_INTERVALS : MOST_INTERVALS;
    return this.#released * step * step >= ENOUGH || this.#intervals >= most;
  }

  /** Whether the limit on trial is the better one; `undefined` as long as that may be chance. */
  #isBetter({ from, throughput: before, released: known }: Trial): boolean | undefined {
    if (known === 0) {
      if (this.#released > 0) return true;
      return this.#intervals < MOST_INTERVALS ? undefined : false;
    }
    const grown = this.#limit / from - 1;
    const ratio = this.#released / this.#span / before;
    const elasticity = (ratio - 1) / grown;
    // Of two counts by chance.
    const error = (ratio / Math.abs(grown)) * Math.sqrt(1 / (this.#released + 1) + 1 / (known + 1));
    const isCertain = Math.abs(elasticity - WORTH) >= SIGMAS * error;
    if (!isCertain && this.#intervals < MOST_INTERVALS) return undefined;
    // In doubt the higher one, since callers wait.
    return grown > 0 ? elasticity >= WORTH : elasticity + error < WORTH;
  }

  /** @returns the way back if the limit on trial is not the better one; the trial is over either way */
  #settle({ from }: Trial, isBetter: boolean): LimitChange | undefined {
    this.#trial = undefined;
    const isHigher = this.#limit > from;
    if (isBetter) {
      this.#hold = this.#settings.hold;
      // Too much was what it was lowered from.
      if (!isHigher) this.#remember(from);
      return undefined;
    }
    if (isHigher) this.#remember(this.#limit);
    this.#holding = this.#hold;
    this.#hold = Math.min(this.#settings.maxHold, 2 * this.#hold);
    return this.#to(from, isHigher ? 'in vain' : 'needed');
  }

  #remember(ceiling: number): void {
    this.#ceiling = ceiling;
    this.#ceilingFor = this.#settings.maxHold;
  }

  #try(limit: number, reason: LimitReason): LimitChange {
    const [released, throughput] = [this.#released, this.#released / this.#span];
    this.#trial = { from: this.#limit, throughput, released };
    return this.#to(limit, reason);
  }

  #to(limit: number, reason: LimitReason): LimitChange {
    this.#change(limit);
    return { limit, reason };
  }

  #change(limit: number): void {
    this.#limit = limit;
    this.#isSettling = true;
    this.#forget();
  }

  #forget(): void {
    this.#released = 0;
    this.#span = 0;
    this.#intervals = 0;
  }

  #lower(): number {
    return Math.max(this.#settings.min, Math.floor(this.#limit * TRIED));
  }

  /** Not beyond the middle on the way to one that has brought nothing. */
  #higher(demand: number): number {
    const { max, utilization } = this.#settings;
    const least = Math.max(this.#limit + 1, Math.ceil(this.#limit * SMALL_STEP));
    const needed = Math.ceil(demand / utilization);
    const wanted = Math.max(least, Math.min(needed, this.#limit * LARGE_STEP));
    const most = this.#ceiling === Infinity ? max : Math.floor((this.#limit + this.#ceiling) / 2);
    return Math.min(max, wanted, Math.max(most, 1));
  }

  #learn(use: number): void {
    this.#usual = use < this.#usual ? use : this.#usual + (use - this.#usual) * DRIFT;
  }
}
