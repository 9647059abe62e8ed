import { checkInteger, checkKnown } from '@perf/core';
import { randomSource, type RandomOption } from '../execution/random-source.ts';
import {
  resolveLimitBounds,
  type ConcurrencyLimit,
  type LimitBounds,
  type LimitSample,
  type ResolvedLimitBounds,
} from './concurrency-limit.ts';

/** Options of {@link vegas}. */
export interface VegasOptions extends LimitBounds, RandomOption {
  /** After how many samples the unloaded time is measured anew, on average; `random` spreads it. @default 200 */
  readonly probeEvery?: number;
}

/** How many calls may queue within the service before the limit stays, and before it falls, in units. */
const FEW = 2;
const MANY = 4;
/** A unit is the logarithm of the limit, or this part of it: in a large limit, less could not be told from chance. */
const UNIT = 1 / 40;
/** What is left of the limit when far too many queue, and while the unloaded time is measured. */
const BACKOFF = 0.9;
const PROBE_SHARE = 0.5;
/** The samples of a measurement; what was queued drains in the first. */
const PROBE_SAMPLES = 4;
/** The first measurement, since the service may have been loaded from the start. */
const FIRST_PROBE = 10;
/** What one sample weighs in the average that may lower the unloaded time: the least of many samples is a matter of chance. */
const WEIGHT = 1 / 16;

/**
 * Compares how long calls take with how long they take unloaded, concludes how many of those under way must be queueing within the
 * service, and keeps that number small. Needs neither a target nor errors. From time to time it halves the limit for four samples, to
 * measure the unloaded time; without that, a lasting overload would be taken for the normal state.
 *
 * Sources: Brakmo, O'Malley, Peterson, "TCP Vegas", SIGCOMM 1994; its form for services, Netflix's concurrency-limits
 * (`VegasLimit`), of which the bounds by logarithm are; the measurement under a reduced limit, BBR's ProbeRTT (Cardwell et al.,
 * 2016) and Envoy's adaptive concurrency filter.
 * @throws `ConfigError` naming the first option that is refused
 */
export function vegas(options: VegasOptions = {}): ConcurrencyLimit {
  const kind = 'vegas';
  checkKnown(kind, options, ['minLimit', 'maxLimit', 'initialLimit', 'probeEvery', 'random']);
  return new Vegas(
    resolveLimitBounds(kind, options),
    checkInteger('vegas.probeEvery', options.probeEvery ?? 200, { min: PROBE_SAMPLES }),
    randomSource('vegas.random', options.random),
  );
}

class Vegas implements ConcurrencyLimit {
  readonly #bounds: ResolvedLimitBounds;
  readonly #probeEvery: number;
  readonly #random: () => number;
  #limit: number;
  /** The time of an unloaded call, as far as is known. */
  #unloaded = Infinity;
  /** A moving average of all times. */
  #average = Infinity;
  #untilProbe: number;
  /** Samples that the measurement under way still takes, and the times that it has found. */
  #probing = 0;
  #measured: number[] = [];
  /** The highest limit since the last measurement. */
  #highest: number;

  constructor(bounds: ResolvedLimitBounds, probeEvery: number, random: () => number) {
    this.#bounds = bounds;
    this.#probeEvery = probeEvery;
    this.#random = random;
    this.#limit = bounds.initial;
    this.#highest = bounds.initial;
    this.#untilProbe = Math.min(FIRST_PROBE, probeEvery);
  }

  get limit(): number {
    const share = this.#probing > 0 ? PROBE_SHARE : 1;
    return Math.max(this.#bounds.min, Math.floor(this.#limit * share));
  }

  update(sample: LimitSample): void {
    if (this.#probing > 0) this.#measure(sample);
    else this.#steer(sample);
  }

  #measure({ time }: LimitSample): void {
    const isDraining = this.#probing === PROBE_SAMPLES;
    this.#probing--;
    if (time !== undefined && !isDraining) this.#measured.push(time);
    if (this.#probing > 0 || this.#measured.length === 0) return;
    const sum = this.#measured.reduce((total, one) => total + one);
    this.#unloaded = sum / this.#measured.length;
    this.#average = this.#unloaded;
    this.#measured = [];
  }

  #steer({ time, inFlight, overloaded }: LimitSample): void {
    if (time !== undefined) this.#learn(time);
    if (overloaded > 0) this.#set(this.#limit * BACKOFF);
    // What does not use its limit tells nothing about it.
    else if (time !== undefined && inFlight * 2 >= this.#limit) {
      this.#set(this.#next(time, inFlight));
    } else return;
    this.#highest = Math.max(this.#highest, this.#limit);
    // A limit that fell to half: the service itself may have become slower, and then it is to be measured.
    if (--this.#untilProbe > 0 && this.#limit * 2 > this.#highest) return;
    this.#probing = PROBE_SAMPLES;
    this.#highest = this.#limit;
    this.#untilProbe = Math.ceil(this.#probeEvery * (0.75 + this.#random() / 2));
  }

  #learn(time: number): void {
    this.#average =
      this.#average === Infinity ? time : this.#average + (time - this.#average) * WEIGHT;
    this.#unloaded = Math.min(this.#unloaded, this.#average);
  }

  #next(time: number, inFlight: number): number {
    const limit = this.#limit;
    const queued = time > 0 ? limit * (1 - this.#unloaded / time) : 0;
    const unit = Math.max(1, Math.log10(limit), limit * UNIT);
    if (queued <= unit) return limit + MANY * unit;
    if (queued < FEW * unit) return limit + unit;
    // Where nobody is refused, the service keeps up with what comes.
    if (queued <= MANY * unit || inFlight < Math.floor(limit)) return limit;
    return queued > 2 * MANY * unit ? limit * BACKOFF : limit - unit;
  }

  #set(limit: number): void {
    this.#limit = Math.min(this.#bounds.max, Math.max(this.#bounds.min, limit));
  }
}
