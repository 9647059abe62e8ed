import { PriorityLine, type LineEntry } from '@perf/core';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';

class Entry implements LineEntry<Entry> {
  readonly id: number;
  lane = 0;
  ahead: Entry | undefined;
  behind: Entry | undefined;

  constructor(id: number) {
    this.id = id;
  }
}

test.each([1, 11, 32])('%d lanes do what a sorted array does', (lanes) => {
  const steps = fc.array(
    fc.oneof(
      fc.record({ kind: fc.constant('add' as const), lane: fc.nat(lanes - 1) }),
      fc.record({ kind: fc.constant('remove' as const), which: fc.nat(20) }),
      fc.record({ kind: fc.constant('next' as const) }),
    ),
    { maxLength: 80 },
  );
  fc.assert(
    fc.property(steps, (script) => {
      const line = new PriorityLine<Entry>(lanes);
      let model: Entry[] = [];
      let made = 0;
      for (const step of script) {
        if (step.kind === 'add') {
          const entry = new Entry(made++);
          line.add(entry, step.lane);
          model.push(entry);
          model.sort((a, b) => b.lane - a.lane || a.id - b.id);
        } else {
          const entry = step.kind === 'next' ? line.next : model[step.which % model.length];
          if (entry === undefined) continue;
          line.remove(entry);
          model = model.filter((one) => one !== entry);
          expect([entry.ahead, entry.behind]).toEqual([undefined, undefined]);
        }
        expect(line.next).toBe(model[0]);
        expect(line.size).toBe(model.length);
      }
    }),
  );
});
