import type { Alert, AlertNotification } from './alert.ts';
import type { AlertRule } from './alert-rule.ts';
import { burnRate } from './conditions/burn-rate.ts';
import { MISSING, type Condition, type Reading } from './conditions/condition.ts';
import { threshold } from './conditions/threshold.ts';
import { trendCondition } from './conditions/trend-condition.ts';
import { RuleState, type AlertStatus, type SavedRuleState } from './rule-state.ts';
import type { RuleSettings } from './rule-settings.ts';
import { Telling, type Word } from './telling.ts';

/** A rule's state as plain data, to be handed to another process; times in milliseconds since 1970. */
export interface SavedAlert extends SavedRuleState {
  readonly name: string;
  readonly since: number | undefined;
  readonly told: boolean;
  readonly toldAt: number | undefined;
}

/** Now, by both clocks. */
export interface Now {
  readonly monotonic: number;
  readonly epoch: number;
}

/** A rule and what has become of it. */
export class EvaluatedRule {
  readonly settings: RuleSettings;
  readonly #condition: Condition;
  readonly #state: RuleState;
  readonly #telling: Telling;
  #value = Number.NaN;
  #since: number | undefined;
  #isFailing = false;

  /** @throws ConfigError naming the option of the condition that is refused */
  constructor(
    option: string,
    rule: AlertRule,
    settings: RuleSettings,
    longestStep: number,
    now: Now,
    saved: SavedAlert | undefined,
  ) {
    this.settings = settings;
    this.#condition = conditionOf(option, rule);
    this.#state = new RuleState({ ...settings, longestStep }, saved);
    this.#since = saved?.since;
    const toldAt = saved?.toldAt;
    this.#telling = new Telling(
      settings,
      saved?.told,
      toldAt === undefined ? undefined : now.monotonic - Math.max(0, now.epoch - toldAt),
    );
  }

  get status(): AlertStatus {
    return this.#state.status;
  }

  /** @param onError is told of what the user's function throws, once until it works again */
  evaluate(now: Now, onError: (error: unknown) => void): AlertStatus {
    const { value, judgement } = this.#read(now.monotonic, onError);
    this.#value = value;
    const status = this.#state.step(judgement, now.monotonic);
    if (status === 'firing') this.#since ??= now.epoch;
    return status;
  }

  /** What is to be told, after all rules were evaluated. */
  tell(isInhibited: boolean, now: number): Word {
    return this.#telling.next(this.status === 'firing', isInhibited, now);
  }

  /** Forgets when it fired, which a notification of its end has told. */
  settle(): void {
    if (this.status !== 'firing') this.#since = undefined;
  }

  alert(): Alert {
    const { name, severity, labels } = this.settings;
    return {
      name,
      severity,
      status: this.status,
      value: this.#value,
      since: this.#since,
      summary: this.#summary(),
      labels,
      told: this.#telling.isTold,
    };
  }

  notification(
    status: 'firing' | 'resolved',
    isRepeated: boolean,
    epoch: number,
  ): AlertNotification {
    const { name, severity, labels } = this.settings;
    return {
      name,
      severity,
      status,
      value: this.#value,
      summary: this.#summary(),
      labels,
      startsAt: this.#since ?? epoch,
      endsAt: status === 'resolved' ? epoch : undefined,
      isRepeated,
    };
  }

  save(now: Now): SavedAlert {
    const toldAgo = now.monotonic - this.#telling.lastAt;
    return {
      name: this.settings.name,
      ...this.#state.save(),
      since: this.#since,
      told: this.#telling.isTold,
      toldAt: Number.isFinite(toldAgo) ? Math.round(now.epoch - toldAgo) : undefined,
    };
  }

  #read(now: number, onError: (error: unknown) => void): Reading {
    try {
      const reading = this.#condition.read(now);
      this.#isFailing = false;
      return reading;
    } catch (error) {
      if (!this.#isFailing) onError(error);
      this.#isFailing = true;
      return MISSING;
    }
  }

  #summary(): string {
    return this.settings.summary ?? `${this.settings.name}: ${this.#condition.words}`;
  }
}

function conditionOf(option: string, rule: AlertRule): Condition {
  if (rule.kind === 'threshold') return threshold(option, rule);
  return rule.kind === 'trend' ? trendCondition(option, rule) : burnRate(option, rule);
}
