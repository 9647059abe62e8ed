import {
  Emitter,
  Lifecycle,
  type Clock,
  type Closeable,
  type Listenable,
  type Timer,
  type Unsubscribe,
} from '@perf/core';
import type { Alert, AlertNotification } from './alert.ts';
import { EvaluatedRule, type Now, type SavedAlert } from './evaluated-rule.ts';
import { resolveAlerts, type AlertsOptions, type AlertsSettings } from './options.ts';
import type { AlertSink } from './sinks/alert-sink.ts';
import { ALERT_EVENTS, type AlertEvents } from './telemetry.ts';

/** Rules that are evaluated regularly, and whom they tell. */
export interface Alerts extends Closeable, Listenable<AlertEvents> {
  /** Evaluates all rules now, beside the regular evaluations. @returns every rule's alert, in the order of the rules */
  evaluate(): readonly Alert[];
  /** What every rule said at the last evaluation, in the order of the rules. */
  status(): readonly Alert[];
  /** Those that fire. */
  firing(): readonly Alert[];
  /** What has become of the rules, as plain data for `restore`. The history that trends and burn rates look back on is not part of it. */
  save(): readonly SavedAlert[];
}

/** For how many intervals a gap between evaluations counts. */
const LONGEST_STEP = 2.5;

/**
 * Evaluates rules every `interval`, and tells sinks when one begins to fire and when that is over. Rules do not disturb each
 * other, whatever their functions throw; nobody waits for a sink. `close()` ends the evaluations; sinks are closed by who made them.
 * @throws ConfigError naming the option that is refused
 * @example
 * const alerts = createAlerts({
 *   rules: [{ kind: 'threshold', name: 'cpu', value: () => readings.cpu(), above: 80, clear: 70, for: '1m' }],
 *   sinks: [logSink()],
 * });
 */
export function createAlerts(options: AlertsOptions): Alerts {
  return new AlertEngine(resolveAlerts(options));
}

class AlertEngine implements Alerts {
  readonly #clock: Clock;
  readonly #interval: number;
  readonly #rules: readonly EvaluatedRule[];
  readonly #byName: ReadonlyMap<string, EvaluatedRule>;
  readonly #sinks: readonly AlertSink[];
  readonly #events = new Emitter<AlertEvents>(ALERT_EVENTS);
  readonly #lifecycle = new Lifecycle('the alerts', () => {
    this.#timer?.cancel();
  });
  #timer: Timer | undefined;

  constructor({ rules, sinks, interval, restore, clock }: AlertsSettings) {
    this.#clock = clock;
    this.#interval = interval;
    this.#sinks = sinks;
    const now = this.#now();
    this.#rules = rules.map(
      ({ rule, settings }, index) =>
        new EvaluatedRule(
          `createAlerts.rules[${index}]`,
          rule,
          settings,
          interval * LONGEST_STEP,
          now,
          restore.get(settings.name),
        ),
    );
    this.#byName = new Map(this.#rules.map((rule) => [rule.settings.name, rule]));
    this.#schedule();
  }

  evaluate(): readonly Alert[] {
    this.#lifecycle.assertOpen();
    const now = this.#now();
    for (const rule of this.#rules) {
      rule.evaluate(now, (error) => {
        this.#events.emit('ruleError', { name: rule.settings.name, error });
      });
    }
    // Only now is it known which rules inhibit others.
    for (const rule of this.#rules) this.#tell(rule, now);
    return this.status();
  }

  status(): readonly Alert[] {
    return this.#rules.map((rule) => rule.alert());
  }

  firing(): readonly Alert[] {
    return this.status().filter(({ status }) => status === 'firing');
  }

  save(): readonly SavedAlert[] {
    const now = this.#now();
    return this.#rules.map((rule) => rule.save(now));
  }

  on<Event extends keyof AlertEvents>(
    event: Event,
    listener: (payload: AlertEvents[Event]) => void,
  ): Unsubscribe {
    return this.#events.on(event, listener);
  }

  close(): Promise<void> {
    return this.#lifecycle.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #schedule(): void {
    if (this.#interval === Infinity) return;
    this.#timer = this.#clock.setTimer(() => {
      if (!this.#lifecycle.isOpen) return;
      this.evaluate();
      this.#schedule();
    }, this.#interval);
  }

  #tell(rule: EvaluatedRule, now: Now): void {
    const { name, inhibitedBy } = rule.settings;
    const isInhibited = inhibitedBy.some((by) => this.#byName.get(by)?.status === 'firing');
    const word = rule.tell(isInhibited, now.monotonic);
    if (word === 'cooling-down' || word === 'inhibited') {
      this.#events.emit('suppressed', { name, reason: word });
    } else if (word !== undefined) {
      const status = word === 'resolved' ? 'resolved' : 'firing';
      const notification = rule.notification(status, word === 'repeated', now.epoch);
      this.#events.emit(status, notification);
      for (const sink of this.#sinks) this.#send(sink, notification);
    }
    rule.settle();
  }

  #send(sink: AlertSink, notification: AlertNotification): void {
    const onError = (error: unknown): void => {
      this.#events.emit('sinkError', { sink: sink.name, notification, error });
    };
    try {
      Promise.resolve(sink.send(notification)).catch(onError);
    } catch (error) {
      onError(error);
    }
  }

  #now(): Now {
    return { monotonic: this.#clock.now(), epoch: this.#clock.epoch() };
  }
}
