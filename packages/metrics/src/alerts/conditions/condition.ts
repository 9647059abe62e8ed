/** What a condition makes of a value: `between` is neither bad enough to begin with, nor good enough to end. */
export type Judgement = 'breach' | 'between' | 'clear' | 'missing';

/** What a condition sees at a time. */
export interface Reading {
  readonly judgement: Judgement;
  /** NaN when there is none. */
  readonly value: number;
}

/** What a rule asks at each evaluation; remembers what it has to. */
export interface Condition {
  /** What the condition is, in words. */
  readonly words: string;
  /** @param now by the monotonic clock. @throws what the user's function throws */
  read(now: number): Reading;
}

/** There is no value. */
export const MISSING: Reading = { judgement: 'missing', value: Number.NaN };
