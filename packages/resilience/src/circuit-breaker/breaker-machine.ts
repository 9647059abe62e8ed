import type { Clock } from '@perf/core';
import type { Verdict } from '../execution/outcome.ts';
import { OpenPeriod } from './open-period.ts';
import type { BreakerSettings } from './options.ts';
import { Probes } from './probes.ts';
import { RampUp } from './ramp-up.ts';
import { StartTimes } from './start-times.ts';
import type { BreakerChangeReason, BreakerState, CircuitBreakerSnapshot } from './telemetry.ts';
import { Thresholds } from './thresholds.ts';

/** Epochs are counted below this, so that a permit has room for more. */
const EPOCHS = 2 ** 24;

/** Who is told what happens. */
export interface MachineListener {
  changed(from: BreakerState, reason: BreakerChangeReason, openFor: number, cause: unknown): void;
  failed(error: unknown): void;
}

/**
 * The state of a breaker. Without timers: what only time changes is found out by whoever comes next.
 *
 * A permit is the epoch in which the call came in, which ends with the state, plus, in units of {@link EPOCHS}, twice the number of a probe, or
 * one more than twice the slot of the call's start time. Results of an old epoch change nothing.
 */
export class BreakerMachine {
  state: BreakerState = 'closed';
  epoch = 1;
  /** Whether every call is let in, and its permit is the epoch. */
  isPlain: boolean;
  /** The failure that opened it, while it is not closed. */
  cause: unknown;
  readonly #settings: BreakerSettings;
  readonly #clock: Clock;
  readonly #listener: MachineListener;
  readonly #thresholds: Thresholds;
  readonly #probes: Probes;
  readonly #rampUp: RampUp;
  readonly #period: OpenPeriod;
  /** Only where slow calls matter. */
  readonly #starts: StartTimes | undefined;
  #isRampingUp = false;
  #since: number;
  #openUntil = 0;
  #succeeded = 0;
  #failed = 0;
  #ignored = 0;
  #refused = 0;
  #late = 0;
  #opened = 0;

  constructor(settings: BreakerSettings, listener: MachineListener) {
    this.#settings = settings;
    this.#clock = settings.clock;
    this.#listener = listener;
    this.#since = settings.clock.coarse();
    this.#thresholds = new Thresholds(settings, this.#since);
    this.#probes = new Probes(settings.probes, settings.successThreshold, settings.probeTimeout);
    this.#rampUp = new RampUp(settings.rampUp);
    this.#period = new OpenPeriod(settings);
    this.#starts = settings.slowCallDuration === Infinity ? undefined : new StartTimes();
    this.isPlain = this.#starts === undefined;
  }

  /** @returns a permit; 0 when the call is refused */
  admit(): number {
    if (this.isPlain) return this.epoch;
    const permit = this.#admit();
    if (permit === 0) this.#refused++;
    return permit;
  }

  /** @param error what a failure rejected with */
  settle(permit: number, verdict: Verdict, error: unknown): void {
    if (permit === this.epoch) this.#record(verdict, false, error);
    else if (permit < EPOCHS) this.#late++;
    else this.#settleMarked(permit, verdict, error);
  }

  /** Milliseconds until a call may be let through. */
  retryAfter(): number {
    const now = this.#clock.coarse();
    switch (this.state) {
      case 'closed':
        return this.#isRampingUp ? this.#rampUp.remaining(now) : 0;
      case 'open':
        return Math.max(0, this.#openUntil - now);
      case 'half-open':
        return Math.min(this.#probes.remaining(now), this.#settings.openPeriod);
      default:
        return Infinity;
    }
  }

  change(to: BreakerState, reason: BreakerChangeReason, openFor = 0, cause?: unknown): void {
    const from = this.state;
    const now = this.#clock.coarse();
    this.epoch = (this.epoch + 1) % EPOCHS || 1;
    this.state = to;
    this.#since = now;
    this.#openUntil = now + openFor;
    this.#thresholds.clear();
    this.#probes.clear();
    this.#isRampingUp = reason === 'probes-succeeded' && this.#settings.rampUp > 0;
    if (this.#isRampingUp) this.#rampUp.begin(now);
    this.isPlain = to === 'closed' && this.#starts === undefined && !this.#isRampingUp;
    if (to === 'closed' && reason !== 'probes-succeeded') this.#period.reset();
    if (to === 'open') this.#opened++;
    if (to !== 'half-open') this.cause = cause;
    if (from !== to) this.#listener.changed(from, reason, openFor, cause);
  }

  snapshot(name: string): CircuitBreakerSnapshot {
    const now = this.#clock.coarse();
    if (this.state === 'half-open') this.#expireProbes(now);
    const { pending, succeeded, failed } = this.#probes;
    return {
      name,
      state: this.state,
      stateFor: now - this.#since,
      retryAfter: this.retryAfter(),
      admitted: this.state === 'closed' ? this.#share(now) : 0,
      window: this.#thresholds.figures(now),
      consecutiveFailures: this.#thresholds.consecutiveFailures,
      probes: { pending, succeeded, failed },
      totals: {
        succeeded: this.#succeeded,
        failed: this.#failed,
        ignored: this.#ignored,
        refused: this.#refused,
        late: this.#late,
        opened: this.#opened,
      },
    };
  }

  #admit(): number {
    const now = this.#clock.coarse();
    switch (this.state) {
      case 'closed':
        if (this.#isRampingUp && !this.#admitInRampUp(now)) return 0;
        return this.#starts === undefined
          ? this.epoch
          : this.epoch + (this.#starts.add(this.#clock.now()) * 2 + 1) * EPOCHS;
      case 'open':
        if (now < this.#openUntil) return 0;
        this.change('half-open', 'open-period-over');
        // Whoever was told may have changed it again.
        return this.#admit();
      case 'half-open': {
        const probe = this.#probes.start(this.#time(now));
        if (probe !== 0) return this.epoch + probe * 2 * EPOCHS;
        return this.#expireProbes(now) ? this.#admit() : 0;
      }
      default:
        return 0;
    }
  }

  #admitInRampUp(now: number): boolean {
    if (this.#rampUp.share(now) < 1) return this.#rampUp.admit(now);
    this.#isRampingUp = false;
    this.isPlain = this.#starts === undefined;
    return true;
  }

  /** @returns whether there were any that are late */
  #expireProbes(now: number): boolean {
    const late = this.#probes.expire(now);
    for (let probe = 0; probe < late; probe++) if (!this.#tellFailure(undefined)) return true;
    if (late > 0) this.#judgeProbes(undefined);
    return late > 0;
  }

  #settleMarked(permit: number, verdict: Verdict, error: unknown): void {
    const mark = Math.floor(permit / EPOCHS);
    const isProbe = mark % 2 === 0;
    if (isProbe && this.state === 'half-open') this.#expireProbes(this.#clock.coarse());
    const isCurrent = permit % EPOCHS === this.epoch;
    const start = isProbe
      ? isCurrent
        ? this.#probes.take(mark / 2)
        : undefined
      : this.#starts?.take((mark - 1) / 2);
    if (!isCurrent || start === undefined) {
      this.#late++;
      return;
    }
    const isSlow =
      this.#starts !== undefined && this.#clock.now() - start >= this.#settings.slowCallDuration;
    if (isProbe) this.#recordProbe(verdict, isSlow, error);
    else this.#record(verdict, isSlow, error);
  }

  #record(verdict: Verdict, isSlow: boolean, error: unknown): void {
    if (!this.#count(verdict, error)) return;
    const isFailure = verdict === 'failure';
    const reason = this.#thresholds.record(isFailure, isSlow, this.#clock.coarse());
    if (reason !== undefined) this.#open(reason, isFailure ? error : undefined);
  }

  #recordProbe(verdict: Verdict, isSlow: boolean, error: unknown): void {
    if (!this.#count(verdict, error)) return;
    if (verdict === 'failure' || isSlow) this.#probes.failed++;
    else this.#probes.succeeded++;
    this.#judgeProbes(verdict === 'failure' ? error : undefined);
  }

  /** @returns whether it matters to the state, which is still what it was */
  #count(verdict: Verdict, error: unknown): boolean {
    if (verdict === 'failure') return this.#tellFailure(error);
    if (verdict === 'ignore') {
      this.#ignored++;
      return false;
    }
    this.#succeeded++;
    return true;
  }

  #judgeProbes(cause: unknown): void {
    const { verdict } = this.#probes;
    if (verdict === 'succeeded') this.change('closed', 'probes-succeeded');
    else if (verdict === 'failed') this.#open('probes-failed', cause);
  }

  /** @returns whether the state is still what it was */
  #tellFailure(error: unknown): boolean {
    const { epoch } = this;
    this.#failed++;
    this.#listener.failed(error);
    return epoch === this.epoch;
  }

  #open(reason: BreakerChangeReason, cause: unknown): void {
    const closedFor = this.state === 'closed' ? this.#clock.coarse() - this.#since : 0;
    this.change('open', reason, this.#period.next(closedFor), cause);
  }

  #share(now: number): number {
    return this.#isRampingUp ? this.#rampUp.share(now) : 1;
  }

  /** That of probes: exact where slow calls matter. */
  #time(coarse: number): number {
    return this.#starts === undefined ? coarse : this.#clock.now();
  }
}
