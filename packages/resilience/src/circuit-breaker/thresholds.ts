import type { BreakerSettings } from './options.ts';
import type { BreakerChangeReason, CircuitBreakerSnapshot } from './telemetry.ts';
import { CountWindow } from './windows/count-window.ts';
import type { OutcomeWindow } from './windows/outcome-window.ts';
import { TimeWindow } from './windows/time-window.ts';

/** What is counted while a breaker is closed, and whether that is reason to open it. */
export class Thresholds {
  consecutiveFailures = 0;
  readonly #settings: BreakerSettings;
  readonly #window: OutcomeWindow | undefined;

  /** @param now coarse monotonic milliseconds, here and below */
  constructor(settings: BreakerSettings, now: number) {
    this.#settings = settings;
    this.#window = windowOf(settings, now);
  }

  /** @returns the reason to open, `undefined` when there is none */
  record(isFailure: boolean, isSlow: boolean, now: number): BreakerChangeReason | undefined {
    this.consecutiveFailures = isFailure ? this.consecutiveFailures + 1 : 0;
    const settings = this.#settings;
    const window = this.#window;
    window?.record(isFailure, isSlow, now);
    if (this.consecutiveFailures >= settings.consecutiveFailures) return 'consecutive-failures';
    if (window === undefined) return undefined;
    const { calls, failures, slow } = window;
    if ((failures === 0 && slow === 0) || calls < settings.minimumThroughput) return undefined;
    if (failures / calls >= settings.failureRate) return 'failure-rate';
    return slow / calls >= settings.slowCallRate ? 'slow-call-rate' : undefined;
  }

  clear(): void {
    this.consecutiveFailures = 0;
    this.#window?.clear();
  }

  figures(now: number): CircuitBreakerSnapshot['window'] {
    this.#window?.advance(now);
    const { calls, failures, slow } = this.#window ?? { calls: 0, failures: 0, slow: 0 };
    return {
      calls,
      failures,
      slow,
      failureRate: calls === 0 ? 0 : failures / calls,
      slowCallRate: calls === 0 ? 0 : slow / calls,
    };
  }
}

function windowOf(settings: BreakerSettings, now: number): OutcomeWindow | undefined {
  const { window, failureRate, slowCallRate } = settings;
  if (failureRate === Infinity && slowCallRate === Infinity) return undefined;
  return 'calls' in window
    ? new CountWindow(window.calls)
    : new TimeWindow(window.time, window.buckets, now);
}
