import type { AlertSeverity } from './alert-rule.ts';
import type { AlertStatus } from './rule-state.ts';

/** What a rule says now. */
export interface Alert {
  readonly name: string;
  readonly severity: AlertSeverity;
  readonly status: AlertStatus;
  /** The value that was read last; NaN when there was none. Of a burn rate: how many times as fast as the budget allows. */
  readonly value: number;
  /** When it began to fire, in milliseconds since 1970; `undefined` when it does not. */
  readonly since: number | undefined;
  /** What it is about, in one sentence. */
  readonly summary: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Whether those that should know have been told. */
  readonly told: boolean;
}

/** What sinks are handed: plain data. */
export interface AlertNotification {
  readonly name: string;
  readonly severity: AlertSeverity;
  readonly status: 'firing' | 'resolved';
  /** NaN when there is none. */
  readonly value: number;
  readonly summary: string;
  readonly labels: Readonly<Record<string, string>>;
  /** When it began to fire, and when it was over, in milliseconds since 1970. */
  readonly startsAt: number;
  readonly endsAt: number | undefined;
  /** Whether it was told before, and goes on. */
  readonly isRepeated: boolean;
}
