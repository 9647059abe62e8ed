import type { MissingData } from './alert-rule.ts';
import type { Judgement } from './conditions/condition.ts';

/** `pending`: it holds, but not for long enough. */
export type AlertStatus = 'inactive' | 'pending' | 'firing';

/** What {@link RuleState} goes by; milliseconds. */
export interface RuleTiming {
  readonly for: number;
  readonly keepFiringFor: number;
  readonly missingData: MissingData;
  /** The longest time between two evaluations that counts: what was not looked at for longer may have been otherwise. */
  readonly longestStep: number;
}

/** A state as plain data; durations. */
export interface SavedRuleState {
  readonly status: AlertStatus;
  readonly breachedFor: number;
  readonly clearedFor: number;
}

/**
 * From what a condition says to whether the rule fires. Only time between two evaluations that say the same counts towards `for` and
 * `keepFiringFor`: a gap adds nothing, and takes nothing away.
 */
export class RuleState {
  readonly #timing: RuleTiming;
  #status: AlertStatus = 'inactive';
  #breachedFor = 0;
  #clearedFor = 0;
  #lastAt = 0;
  #last: 'breach' | 'clear' | undefined;

  constructor(timing: RuleTiming, saved?: SavedRuleState) {
    this.#timing = timing;
    if (saved !== undefined) {
      this.#status = saved.status;
      this.#breachedFor = saved.breachedFor;
      this.#clearedFor = saved.clearedFor;
    }
  }

  get status(): AlertStatus {
    return this.#status;
  }

  /** @returns the status after it */
  step(judgement: Judgement, now: number): AlertStatus {
    const seen = this.#effective(judgement);
    const step = Math.min(now - this.#lastAt, this.#timing.longestStep);
    const passed = seen === this.#last ? step : 0;
    this.#last = seen;
    this.#lastAt = now;
    if (seen === 'breach') this.#breach(passed);
    else if (seen === 'clear') this.#clear(passed);
    return this.#status;
  }

  save(): SavedRuleState {
    return { status: this.#status, breachedFor: this.#breachedFor, clearedFor: this.#clearedFor };
  }

  #effective(judgement: Judgement): 'breach' | 'clear' | undefined {
    if (judgement === 'between') return this.#status === 'firing' ? 'breach' : 'clear';
    if (judgement !== 'missing') return judgement;
    const { missingData } = this.#timing;
    if (missingData === 'keep') return undefined;
    return missingData === 'breach' ? 'breach' : 'clear';
  }

  #breach(passed: number): void {
    this.#clearedFor = 0;
    if (this.#status === 'inactive') {
      this.#status = 'pending';
      this.#breachedFor = 0;
    } else {
      this.#breachedFor += passed;
    }
    if (this.#breachedFor >= this.#timing.for) this.#status = 'firing';
  }

  #clear(passed: number): void {
    if (this.#status === 'firing') {
      this.#clearedFor += passed;
      if (this.#clearedFor >= this.#timing.keepFiringFor) this.#end();
    } else {
      this.#end();
    }
  }

  #end(): void {
    this.#status = 'inactive';
    this.#breachedFor = 0;
    this.#clearedFor = 0;
  }
}
