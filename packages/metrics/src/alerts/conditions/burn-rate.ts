import {
  checkFunction,
  checkInteger,
  checkKnown,
  checkNumber,
  ConfigError,
  toMilliseconds,
} from '@perf/core';
import type { BurnRateRule, BurnWindow } from '../alert-rule.ts';
import { MISSING, type Condition } from './condition.ts';
import { CounterWindow, ResetProofCounter } from './counter-window.ts';

/** What wakes somebody up: 2 % of a month's budget in an hour, 5 % in six. */
export const PAGE_WINDOWS: readonly BurnWindow[] = [
  { long: '1h', short: '5m', factor: 14.4 },
  { long: '6h', short: '30m', factor: 6 },
];
/** What can wait until the morning: 10 % of a month's budget in three days. */
export const TICKET_WINDOWS: readonly BurnWindow[] = [{ long: '3d', short: '6h', factor: 1 }];

/** A {@link BurnWindow}, checked; milliseconds. */
export interface BurnWindowSettings {
  readonly long: number;
  readonly short: number;
  readonly factor: number;
}

/** @throws ConfigError naming the option that is refused */
export function burnWindows(option: string, rule: BurnRateRule): readonly BurnWindowSettings[] {
  const windows = rule.windows ?? PAGE_WINDOWS;
  if (!Array.isArray(windows) || windows.length === 0) {
    throw new ConfigError(`${option}.windows`, windows, 'at least one window');
  }
  return windows.map((window: BurnWindow, index) => {
    const name = `${option}.windows[${index}]`;
    checkKnown(name, window, ['long', 'short', 'factor']);
    const long = toMilliseconds(`${name}.long`, window.long, { min: 12 });
    return {
      long,
      short: toMilliseconds(`${name}.short`, window.short ?? Math.round(long / 12), { max: long }),
      factor: checkNumber(`${name}.factor`, window.factor, Number.MIN_VALUE, Number.MAX_VALUE),
    };
  });
}

/** @throws ConfigError naming the option that is refused */
export function burnRate(option: string, rule: BurnRateRule): Condition {
  const { count } = rule;
  checkFunction(`${option}.count`, count);
  const budget = errorBudget(option, rule);
  const minEvents = checkInteger(`${option}.minEvents`, rule.minEvents ?? 10, { min: 0 });
  const windows = burnWindows(option, rule).map((window) => ({
    ...window,
    ofLong: new CounterWindow(window.long),
    ofShort: new CounterWindow(window.short),
  }));
  const bads = new ResetProofCounter();
  const totals = new ResetProofCounter();
  return {
    words: `errors use up the budget of ${rule.objective * 100} % too quickly`,
    read(now) {
      const counted = count();
      if (counted === undefined || !isCount(counted.bad) || !isCount(counted.total)) return MISSING;
      const bad = bads.add(counted.bad);
      const total = totals.add(counted.total);
      let isBurning = false;
      let most = 0;
      for (const { factor, ofLong, ofShort } of windows) {
        const inLong = ofLong.add(now, bad, total);
        const long = rateOf(inLong, budget);
        const short = rateOf(ofShort.add(now, bad, total), budget);
        if (long > factor && short > factor && inLong.total >= minEvents) isBurning = true;
        most = Math.max(most, Math.min(long, short));
      }
      return { judgement: isBurning ? 'breach' : 'clear', value: most };
    },
  };
}

/** The part that may be bad. @throws ConfigError when there is none, or nothing else */
export function errorBudget(option: string, { objective }: BurnRateRule): number {
  if (!Number.isFinite(objective) || objective <= 0 || objective >= 1) {
    throw new ConfigError(`${option}.objective`, objective, 'a number above 0 and below 1');
  }
  return 1 - objective;
}

function rateOf({ bad, total }: { bad: number; total: number }, budget: number): number {
  return total <= 0 ? 0 : bad / total / budget;
}

function isCount(value: number): boolean {
  return Number.isFinite(value) && value >= 0;
}
