/** Outcomes of the recent past, with their totals. */
export interface OutcomeWindow {
  /** How many outcomes are in it, at the time of the last call of a method. */
  readonly calls: number;
  readonly failures: number;
  /** How many of the calls, failed or not, were slow. */
  readonly slow: number;
  /** @param now coarse monotonic milliseconds */
  record(failed: boolean, slow: boolean, now: number): void;
  /** Drops what is too old. */
  advance(now: number): void;
  /** Forgets everything. */
  clear(): void;
}
