/** How much the queues hold: entries and, where these have weights, what they weigh together. */
export interface Room {
  readonly entries: number;
  /** The same as `entries` where each counts as one. */
  readonly weight: number;
}

/** A way to run the policy. */
export interface Configuration {
  /** How large the window is, in per cent. */
  readonly window: number;
  /** Whether an entry that defended its place moves to the end of the line. */
  readonly rotates: boolean;
  /** Whether an entry whose key was remembered when it came wins a tie. */
  readonly admitsKnown: boolean;
  /** One step of ageing per so many uses: all frequencies are halved once in as many uses per entry. */
  readonly ageing: number;
}

/**
 * From a small window, for what is used often, to one that is nearly all, for what was used lately. That
 * of 10 % forgets four times as quickly.
 */
export const CONFIGURATIONS: readonly Configuration[] = [
  { window: 1, rotates: false, admitsKnown: false, ageing: 16 },
  { window: 10, rotates: true, admitsKnown: true, ageing: 4 },
  { window: 30, rotates: true, admitsKnown: true, ageing: 16 },
  { window: 99, rotates: true, admitsKnown: true, ageing: 16 },
];

/** The one to begin with, by its number. */
export const FIRST_CONFIGURATION = 1;
