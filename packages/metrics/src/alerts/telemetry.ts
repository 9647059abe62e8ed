import type { AlertNotification } from './alert.ts';

/** An alert that fires and was not told. */
export interface SuppressedAlert {
  readonly name: string;
  /** `cooling-down`: it was told a short while ago. `inhibited`: another one fires. */
  readonly reason: 'cooling-down' | 'inhibited';
}

/** A rule's function threw; the value counts as missing. */
export interface RuleErrorEvent {
  readonly name: string;
  readonly error: unknown;
}

/** A sink did not take a notification. */
export interface SinkErrorEvent {
  readonly sink: string;
  readonly notification: AlertNotification;
  readonly error: unknown;
}

/** Events of {@link Alerts}. */
export interface AlertEvents {
  /** Told to the sinks: it fires, or still does. */
  readonly firing: AlertNotification;
  /** Told to the sinks: it is over. */
  readonly resolved: AlertNotification;
  /** Once for each time that it is held back. */
  readonly suppressed: SuppressedAlert;
  /** Once until it works again. */
  readonly ruleError: RuleErrorEvent;
  readonly sinkError: SinkErrorEvent;
}

/** Every name of {@link AlertEvents}. */
export const ALERT_EVENTS = ['firing', 'resolved', 'suppressed', 'ruleError', 'sinkError'] as const;
