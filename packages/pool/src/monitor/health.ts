import {
  CONDITIONS,
  RULES,
  type PoolCondition,
  type PoolReason,
  type PoolStatus,
  type Thresholds,
} from './conditions.ts';
import type { SampleWindow } from './sample-history.ts';

/** A condition that lasts is over only below this part of its threshold. */
const EASE = 0.8;
const LEVELS = ['healthy', 'degraded', 'unhealthy'] as const;

/** How soon a status changes. */
export interface Patience {
  /** After how many samples in a row a condition that has become worse counts. */
  readonly raiseAfter: number;
  /** After how many samples in a row one that has become better does. */
  readonly clearAfter: number;
}

interface State {
  readonly condition: PoolCondition;
  readonly thresholds: Thresholds;
  level: number;
  /** Samples in a row that say another level on the same side. */
  worse: number;
  better: number;
  value: number;
  message: string;
}

/** Judges a pool sample by sample. It changes its mind only for what lasts, and not where a value sways about its threshold. */
export class Health {
  readonly #patience: Patience;
  readonly #states: readonly State[];

  constructor(patience: Patience, given: Readonly<Partial<Record<PoolCondition, Thresholds>>>) {
    this.#patience = patience;
    this.#states = CONDITIONS.map((condition) => ({
      condition,
      thresholds: given[condition] ?? RULES[condition].thresholds,
      level: 0,
      worse: 0,
      better: 0,
      value: 0,
      message: '',
    }));
  }

  get status(): PoolStatus {
    return LEVELS[Math.max(...this.#states.map(({ level }) => level))] ?? 'healthy';
  }

  /** The worst first. */
  get reasons(): readonly PoolReason[] {
    return this.#states
      .filter(({ level }) => level > 0)
      .toSorted((a, b) => b.level - a.level)
      .map(({ condition, level, value, message }) => ({
        condition,
        status: level === 2 ? 'unhealthy' : 'degraded',
        value,
        message,
      }));
  }

  /** Takes in the samples up to now, of which one is new. */
  judge(window: SampleWindow): void {
    for (const state of this.#states) this.#judge(state, window);
  }

  #judge(state: State, window: SampleWindow): void {
    const rule = RULES[state.condition];
    const value = rule.measure(window);
    const level = levelOf(value, state);
    state.worse = level > state.level ? state.worse + 1 : 0;
    state.better = level < state.level ? state.better + 1 : 0;
    if (state.worse >= this.#patience.raiseAfter || state.better >= this.#patience.clearAfter) {
      state.level = level;
      state.worse = 0;
      state.better = 0;
    }
    state.value = value;
    // What made it so stays to be read until it is over.
    if (level >= state.level) state.message = rule.message(value, window);
  }
}

function levelOf(value: number, { level, thresholds: { degraded, unhealthy } }: State): number {
  if (reaches(value, unhealthy, level === 2)) return 2;
  return reaches(value, degraded, level >= 1) ? 1 : 0;
}

function reaches(value: number, threshold: number, isOn: boolean): boolean {
  return threshold !== Infinity && value >= threshold * (isOn ? EASE : 1);
}
