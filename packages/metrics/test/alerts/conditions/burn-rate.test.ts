import { expect, it } from 'vitest';
import type { BurnRateRule } from '../../../src/alerts/alert-rule.ts';
import {
  burnRate,
  PAGE_WINDOWS,
  TICKET_WINDOWS,
} from '../../../src/alerts/conditions/burn-rate.ts';

const MINUTE = 60_000;

/** Requests at an even rate, of which a part fails; read each minute. */
class Service {
  bad = 0;
  total = 0;
  now = 0;
  readonly condition;

  constructor(rule: Partial<BurnRateRule> = {}) {
    this.condition = burnRate('rule', {
      kind: 'burn-rate',
      name: 'slo',
      objective: 0.999,
      count: () => ({ bad: this.bad, total: this.total }),
      ...rule,
    });
  }

  /** @returns after how many minutes it first breached, and whether it does at the end */
  run(
    minutes: number,
    failing: number,
    perMinute = 1000,
  ): { first: number | undefined; last: boolean } {
    let first: number | undefined;
    let last = false;
    for (let minute = 1; minute <= minutes; minute++) {
      this.total += perMinute;
      this.bad += perMinute * failing;
      this.now += MINUTE;
      last = this.condition.read(this.now).judgement === 'breach';
      if (last) first ??= minute;
    }
    return { first, last };
  }
}

it('an error rate within the budget never breaches, and one of twenty times the budget does within an hour', () => {
  const service = new Service();
  expect(service.run(600, 0.001)).toEqual({ first: undefined, last: false });
  const { first, last } = service.run(60, 0.02);
  expect(last).toBe(true);
  // 14.4 times the budget over an hour: 20 × for 0.7 of it.
  expect(first).toBeGreaterThan(38);
  expect(first).toBeLessThan(46);
});

it('it is over soon after the errors have stopped, by the short window', () => {
  const service = new Service({ windows: PAGE_WINDOWS.slice(0, 1) });
  service.run(60, 0);
  expect(service.run(60, 0.05).last).toBe(true);
  expect(service.run(7, 0).last).toBe(false);
});

it('a slow burn breaches by the six hours, and a slower one by three days', () => {
  const page = new Service();
  page.run(400, 0);
  expect(page.run(400, 0.008).last).toBe(true);
  const ticket = new Service({ windows: TICKET_WINDOWS });
  ticket.run(3000, 0);
  expect(ticket.run(4000, 0.0018).last).toBe(true);
});

it('a few errors among few requests do not breach', () => {
  const service = new Service();
  expect(service.run(30, 0.2, 0.2)).toEqual({ first: undefined, last: false });
});

it('counters that begin anew are neither errors nor the end of them', () => {
  const service = new Service();
  service.run(120, 0.0001);
  service.bad = 0;
  service.total = 0;
  expect(service.run(120, 0.0001)).toEqual({ first: undefined, last: false });
  service.run(60, 0.05);
  service.bad = 0;
  service.total = 0;
  expect(service.run(5, 0.05).last).toBe(true);
});

it('what is counted before the first reading does not count, and no count is missing', () => {
  const service = new Service();
  service.bad = 5e6;
  service.total = 5e6;
  expect(service.run(30, 0)).toEqual({ first: undefined, last: false });
  const broken = burnRate('rule', {
    kind: 'burn-rate',
    name: 'a',
    objective: 0.9,
    count: () => undefined,
  });
  expect(broken.read(0).judgement).toBe('missing');
  const negative = burnRate('rule', {
    kind: 'burn-rate',
    name: 'a',
    objective: 0.9,
    count: () => ({ bad: -1, total: Number.NaN }),
  });
  expect(negative.read(0).judgement).toBe('missing');
});
