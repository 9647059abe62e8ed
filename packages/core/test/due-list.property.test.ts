import { DueEntry, DueList } from '@perf/core';
import { ManualClock } from '@perf/core/testing';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';

class Entry extends DueEntry {
  readonly id: number;
  readonly #log: number[];

  constructor(id: number, log: number[]) {
    super();
    this.id = id;
    this.#log = log;
  }

  override expire(): void {
    this.#log.push(this.id);
  }
}

const steps = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant('add' as const), delay: fc.integer({ min: 0, max: 50 }) }),
    fc.record({ kind: fc.constant('remove' as const), which: fc.nat(30) }),
    fc.record({ kind: fc.constant('advance' as const), by: fc.integer({ min: 0, max: 40 }) }),
  ),
  { maxLength: 80 },
);

test('entries expire as they would with a timer each, behind one timer that only holds the process while there are any', () => {
  fc.assert(
    fc.property(steps, (script) => {
      const clock = new ManualClock();
      const list = new DueList(clock);
      const log: number[] = [];
      const entries: Entry[] = [];
      const expected: number[] = [];
      const alive = new Map<number, number>();
      for (const step of script) {
        if (step.kind === 'add') {
          const entry = new Entry(entries.length, log);
          entries.push(entry);
          alive.set(entry.id, clock.now() + step.delay);
          list.add(entry, clock.now() + step.delay, clock.now());
        } else if (step.kind === 'remove') {
          const entry = entries[step.which];
          if (entry !== undefined) {
            list.remove(entry);
            alive.delete(entry.id);
          }
        } else {
          const until = clock.now() + step.by;
          const due = [...alive].filter(([, at]) => at <= until);
          for (const [id] of due.toSorted((a, b) => a[1] - b[1] || a[0] - b[0])) {
            alive.delete(id);
            expected.push(id);
          }
          clock.advance(step.by);
        }
        expect(log).toEqual(expected);
        expect(list.isEmpty).toBe(alive.size === 0);
        expect(clock.pendingTimers).toBeLessThanOrEqual(1);
        expect(clock.keepAliveTimers).toBe(alive.size === 0 ? 0 : 1);
      }
      clock.advance(100);
      expect(clock.pendingTimers).toBe(0);
    }),
  );
});

test('an entry that is added by one that expires has its own time', () => {
  const clock = new ManualClock();
  const list = new DueList(clock);
  const log: number[] = [];
  const second = new Entry(2, log);
  class First extends DueEntry {
    override expire(): void {
      log.push(1);
      list.add(second, clock.now() + 5, clock.now());
    }
  }
  list.add(new First(), 10, 0);
  clock.advance(10);
  expect(log).toEqual([1]);
  clock.advance(5);
  expect(log).toEqual([1, 2]);
  expect(clock.pendingTimers).toBe(0);
});

test('a hundred entries of the same duration, one after the other, set one timer', () => {
  const clock = new ManualClock();
  let timers = 0;
  const setTimer = clock.setTimer.bind(clock);
  clock.setTimer = (...args) => {
    timers++;
    return setTimer(...args);
  };
  const list = new DueList(clock);
  for (let id = 0; id < 100; id++) {
    const entry = new Entry(id, []);
    list.add(entry, clock.now() + 1000, clock.now());
    list.remove(entry);
  }
  expect(timers).toBe(1);
});

test('entries of any order expire in the order of their times, and of their coming when those are equal', () => {
  const adding = fc.record({ due: fc.integer({ min: 1, max: 60 }), removed: fc.boolean() });
  fc.assert(
    fc.property(
      fc.array(adding, { minLength: 50, maxLength: 300 }),
      fc.nat(60),
      (script, until) => {
        const clock = new ManualClock();
        const list = new DueList(clock);
        const log: number[] = [];
        const entries = script.map(({ due }, id) => {
          const entry = new Entry(id, log);
          list.add(entry, due, 0);
          return entry;
        });
        for (const [id, { removed }] of script.entries()) {
          if (removed) list.remove(entries[id] as Entry);
        }
        clock.advance(until);
        const expected = script
          .map(({ due, removed }, id) => ({ id, due, removed }))
          .filter(({ due, removed }) => !removed && due <= until)
          .toSorted((a, b) => a.due - b.due || a.id - b.id);
        expect(log).toEqual(expected.map(({ id }) => id));
        const left = script.some(({ due, removed }) => !removed && due > until);
        expect(list.isEmpty).toBe(!left);
        expect(clock.keepAliveTimers).toBe(left ? 1 : 0);
      },
    ),
  );
});

test.each([
  ['that come in the reverse of their order', (id: number) => 5000 - id],
  ['whose times differ at random', (id: number) => (id * 7919) % 5003],
])('of a thousand entries %s each looks at a few others only', (_, dueOf) => {
  let looks = 0;
  class Watched extends Entry {
    constructor(id: number) {
      super(id, []);
      let due = 0;
      Object.defineProperty(this, 'due', {
        get: () => {
          looks++;
          return due;
        },
        set: (value: number) => {
          due = value;
        },
      });
    }
  }
  const list = new DueList(new ManualClock());
  const entries = Array.from({ length: 1000 }, (_unused, id) => new Watched(id));
  for (const entry of entries) list.add(entry, dueOf(entry.id), 0);
  for (const entry of entries) list.remove(entry);
  expect(list.isEmpty).toBe(true);
  expect(looks).toBeLessThan(1000 * 100);
});
