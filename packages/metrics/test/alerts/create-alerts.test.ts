import { ClosedError, ConfigError } from '@perf/core';
import { ManualClock, settle } from '@perf/core/testing';
import { describe, expect, it, vi } from 'vitest';
import type { AlertNotification } from '../../src/alerts/alert.ts';
import type { AlertRule, ThresholdRule } from '../../src/alerts/alert-rule.ts';
import { createAlerts, type Alerts } from '../../src/alerts/create-alerts.ts';
import type { SavedAlert } from '../../src/alerts/evaluated-rule.ts';
import { callbackSink } from '../../src/alerts/sinks/callback-sink.ts';

/** Rules under a manual clock, with a value that is set by hand. */
class Bench {
  readonly clock = new ManualClock();
  readonly told: AlertNotification[] = [];
  readonly suppressed: string[] = [];
  value: number | undefined = 0;
  readonly alerts: Alerts;

  constructor(
    rule: Partial<ThresholdRule>,
    more: readonly AlertRule[] = [],
    restore: readonly SavedAlert[] = [],
  ) {
    this.alerts = createAlerts({
      rules: [
        {
          kind: 'threshold',
          name: 'cpu',
          value: () => this.value,
          above: 80,
          coolDown: 0,
          ...rule,
        },
        ...more,
      ],
      sinks: [
        callbackSink((notification) => {
          this.told.push(notification);
        }),
      ],
      clock: this.clock,
      restore,
    });
    this.alerts.on('suppressed', ({ name, reason }) => this.suppressed.push(`${name} ${reason}`));
  }

  /** Lets the value be for a while. @returns what was told meanwhile, such as `cpu firing` */
  hold(value: number | undefined, seconds: number): readonly string[] {
    this.value = value;
    const before = this.told.length;
    this.clock.advance(seconds * 1000);
    return this.told.slice(before).map(({ name, status }) => `${name} ${status}`);
  }

  get status(): string | undefined {
    return this.alerts.status()[0]?.status;
  }
}

describe('createAlerts', () => {
  it('tells when a value has been above its threshold for long enough, once, and when it is over', () => {
    const bench = new Bench({ for: '1m' });
    expect(bench.hold(50, 60)).toEqual([]);
    expect(bench.hold(90, 60)).toEqual([]);
    expect(bench.status).toBe('pending');
    expect(bench.hold(90, 10)).toEqual(['cpu firing']);
    expect(bench.hold(95, 600)).toEqual([]);
    expect(bench.hold(50, 10)).toEqual(['cpu resolved']);
    const [began, ended] = bench.told;
    expect(began).toMatchObject({
      severity: 'warning',
      value: 90,
      endsAt: undefined,
      isRepeated: false,
    });
    expect(ended).toMatchObject({
      value: 50,
      startsAt: began?.startsAt,
      endsAt: bench.clock.epoch(),
    });
  });

  it('tells nothing of what does not last', () => {
    const bench = new Bench({ for: '1m' });
    for (let time = 0; time < 10; time++) {
      expect([...bench.hold(90, 50), ...bench.hold(50, 10)]).toEqual([]);
    }
  });

  it('is over only once the value is well below the threshold (hysteresis)', () => {
    const bench = new Bench({ clear: 70 });
    expect(bench.hold(81, 10)).toEqual(['cpu firing']);
    expect([...bench.hold(79, 60), ...bench.hold(82, 60), ...bench.hold(71, 60)]).toEqual([]);
    expect(bench.hold(70, 10)).toEqual(['cpu resolved']);
    expect(bench.hold(79, 60)).toEqual([]);
  });

  it('takes what flaps for one alert while it keeps firing for a while', () => {
    const bench = new Bench({ keepFiringFor: '1m' });
    bench.hold(90, 10);
    for (let time = 0; time < 10; time++) {
      expect([...bench.hold(50, 30), ...bench.hold(90, 10)]).toEqual([]);
    }
    expect(bench.hold(50, 60)).toEqual([]);
    expect(bench.hold(50, 10)).toEqual(['cpu resolved']);
  });

  it('does not tell it anew during the cool-down, but does after it if it still fires', () => {
    const bench = new Bench({ coolDown: '5m' });
    expect(bench.hold(90, 10)).toEqual(['cpu firing']);
    expect(bench.hold(50, 10)).toEqual(['cpu resolved']);
    expect(bench.hold(90, 10)).toEqual([]);
    expect(bench.suppressed).toEqual(['cpu cooling-down']);
    // Who was not told that it fires is not told that it is over.
    expect(bench.hold(50, 10)).toEqual([]);
    expect(bench.hold(90, 260)).toEqual([]);
    expect(bench.hold(90, 10)).toEqual(['cpu firing']);
    expect(bench.suppressed).toHaveLength(2);
  });

  it('tells again what still fires, if asked to', () => {
    const bench = new Bench({ repeatEvery: '10m' });
    expect(bench.hold(90, 1210)).toEqual(['cpu firing', 'cpu firing', 'cpu firing']);
    expect(bench.told.map(({ isRepeated }) => isRepeated)).toEqual([false, true, true]);
  });

  it('keeps its state while there is no value, and a gap counts neither for nor against it', () => {
    const bench = new Bench({ for: '1m' });
    bench.hold(90, 40);
    expect(bench.hold(undefined, 600)).toEqual([]);
    expect(bench.status).toBe('pending');
    expect(bench.hold(90, 30)).toEqual([]);
    expect(bench.hold(90, 10)).toEqual(['cpu firing']);
    expect(bench.hold(Number.NaN, 600)).toEqual([]);
    expect(bench.status).toBe('firing');
    expect(bench.hold(50, 10)).toEqual(['cpu resolved']);
  });

  it('takes a missing value for a breach, or for well, if told to', () => {
    expect(new Bench({ missingData: 'breach' }).hold(undefined, 10)).toEqual(['cpu firing']);
    const bench = new Bench({ missingData: 'ok' });
    expect(bench.hold(90, 10)).toEqual(['cpu firing']);
    expect(bench.hold(undefined, 10)).toEqual(['cpu resolved']);
  });

  it('counts a stretch in which nothing was evaluated for two and a half intervals at most', () => {
    const bench = new Bench({ for: '1m' });
    const manual = createAlerts({
      rules: [{ kind: 'threshold', name: 'cpu', value: () => 90, above: 80, for: '1m' }],
      clock: bench.clock,
    });
    manual.evaluate();
    // As a process that was frozen for an hour: its timer runs once.
    const late = new ManualClock();
    const frozen = createAlerts({
      rules: [{ kind: 'threshold', name: 'cpu', value: () => 90, above: 80, for: '1m' }],
      interval: Infinity,
      clock: late,
    });
    frozen.evaluate();
    late.advance(3_600_000);
    expect(frozen.evaluate()[0]?.status).toBe('firing');
    const bounded = new ManualClock();
    const seen = createAlerts({
      rules: [{ kind: 'threshold', name: 'cpu', value: () => 90, above: 80, for: '1m' }],
      clock: { ...clockOf(bounded), setTimer: () => ({ cancel() {}, keepAlive() {} }) },
    });
    seen.evaluate();
    bounded.advance(3_600_000);
    expect(seen.evaluate()[0]?.status).toBe('pending');
  });

  it('does not tell what another rule accounts for, until that is over', () => {
    let memory = 0;
    const bench = new Bench({ inhibitedBy: ['memory'] }, [
      { kind: 'threshold', name: 'memory', value: () => memory, above: 10, severity: 'critical' },
    ]);
    memory = 20;
    expect(bench.hold(90, 60)).toEqual(['memory firing']);
    expect(bench.suppressed).toEqual(['cpu inhibited']);
    memory = 0;
    expect(bench.hold(90, 10)).toEqual(['cpu firing', 'memory resolved']);
    // What was told before is told to be over, whatever fires by then.
    memory = 20;
    expect(bench.hold(50, 10)).toEqual(['cpu resolved']);
  });

  it('goes on after a restart where it was: what fires is not told anew, and its end is told', () => {
    const before = new Bench({ for: '1m', coolDown: '5m' });
    expect(before.hold(90, 70)).toEqual(['cpu firing']);
    const saved = structuredClone(before.alerts.save());
    const after = new Bench({ for: '1m', coolDown: '5m' }, [], saved);
    after.clock.setEpoch(before.clock.epoch() + 30_000);
    expect(after.status).toBe('firing');
    expect(after.hold(90, 600)).toEqual([]);
    expect(after.hold(50, 10)).toEqual(['cpu resolved']);
    expect(after.told[0]?.startsAt).toBe(before.told[0]?.startsAt);
  });

  it('remembers over a restart that it cools down, and how long a breach lasted', () => {
    const before = new Bench({ for: '1m', coolDown: '5m' });
    before.hold(90, 70);
    before.hold(50, 10);
    before.hold(90, 40);
    const after = new Bench({ for: '1m', coolDown: '5m' }, [], before.alerts.save());
    expect(after.status).toBe('pending');
    expect(after.hold(90, 60)).toEqual([]);
    expect(after.status).toBe('firing');
    expect(after.suppressed).toEqual(['cpu cooling-down']);
    expect(after.hold(90, 240)).toEqual(['cpu firing']);
  });

  it('tells once of a function that throws, takes the value for missing, and evaluates the others', () => {
    const clock = new ManualClock();
    let broken = true;
    const alerts = createAlerts({
      rules: [
        {
          kind: 'threshold',
          name: 'broken',
          above: 1,
          value: () => {
            if (broken) throw new Error('no such metric');
            return 5;
          },
        },
        { kind: 'threshold', name: 'fine', above: 1, value: () => 2 },
      ],
      clock,
    });
    const errors: string[] = [];
    alerts.on('ruleError', ({ name, error }) => errors.push(`${name}: ${String(error)}`));
    clock.advance(60_000);
    expect(errors).toEqual(['broken: Error: no such metric']);
    expect(alerts.status().map(({ status }) => status)).toEqual(['inactive', 'firing']);
    broken = false;
    clock.advance(10_000);
    broken = true;
    clock.advance(10_000);
    expect(errors).toHaveLength(2);
  });

  it('tells of sinks that fail, and goes on to the next', async () => {
    const clock = new ManualClock();
    const got = vi.fn<() => void>();
    const alerts = createAlerts({
      rules: [{ kind: 'threshold', name: 'cpu', above: 1, value: () => 2 }],
      sinks: [
        callbackSink(() => {
          throw new Error('thrown');
        }, 'first'),
        callbackSink(async () => {
          throw new Error('rejected');
        }, 'second'),
        callbackSink(() => new Promise(() => undefined), 'hangs'),
        callbackSink(got),
      ],
      clock,
    });
    const errors: string[] = [];
    alerts.on('sinkError', ({ sink, error }) =>
      errors.push(`${sink}: ${(error as Error).message}`),
    );
    clock.advance(10_000);
    await settle();
    expect(errors).toEqual(['first: thrown', 'second: rejected']);
    expect(got).toHaveBeenCalledOnce();
  });

  it('evaluates no more once it is closed, keeps no process alive, and closes no sink', async () => {
    const bench = new Bench({});
    expect(bench.clock.keepAliveTimers).toBe(0);
    await bench.alerts.close();
    await bench.alerts.close();
    expect(bench.clock.pendingTimers).toBe(0);
    expect(bench.hold(90, 60)).toEqual([]);
    expect(() => bench.alerts.evaluate()).toThrow(ClosedError);
  });

  it('can be closed by who is told', async () => {
    const bench = new Bench({});
    bench.alerts.on('firing', () => void bench.alerts.close());
    expect(bench.hold(90, 60)).toEqual(['cpu firing']);
    expect(bench.clock.pendingTimers).toBe(0);
  });

  it('refuses rules that cannot be meant, by the option', () => {
    const rule: AlertRule = { kind: 'threshold', name: 'a', value: () => 1, above: 1 };
    const option = (...rules: readonly unknown[]): string => {
      try {
        void createAlerts({ rules: rules as never, interval: Infinity });
      } catch (error) {
        if (error instanceof ConfigError) return error.option.replace('createAlerts.', '');
        throw error;
      }
      return 'taken';
    };
    expect([
      option(rule, rule),
      option({ ...rule, kind: 'treshold' }),
      option({ ...rule, abvoe: 1 }),
      option({ ...rule, below: 1 }),
      option({ ...rule, above: Number.NaN }),
      option({ ...rule, clear: 2 }),
      option({ ...rule, for: '1 minute' }),
      option({ ...rule, labels: { 'a-b': 'c' } }),
      option({ ...rule, inhibitedBy: ['b'] }),
      option({ ...rule, inhibitedBy: ['b'] }, { ...rule, name: 'b', inhibitedBy: ['a'] }),
      option({ kind: 'burn-rate', name: 'a', count: () => undefined, objective: 99.9 }),
      option({ kind: 'trend', name: 'a', value: () => 1, within: '1h' }),
      option(null),
    ]).toEqual([
      'rules[1].name',
      'rules[0].kind',
      'rules[0].abvoe',
      'rules[0]',
      'rules[0].above',
      'rules[0].clear',
      'rules[0].for',
      'rules[0].labels',
      'rules[0].inhibitedBy',
      'rules[0].inhibitedBy',
      'rules[0].objective',
      'rules[0]',
      'rules[0]',
    ]);
  });
});

function clockOf(clock: ManualClock): Pick<ManualClock, 'now' | 'coarse' | 'epoch'> {
  return { now: () => clock.now(), coarse: () => clock.coarse(), epoch: () => clock.epoch() };
}
