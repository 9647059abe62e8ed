import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FactTable } from '../../src/invalidation/fact-table.ts';

const facts = fc.array(
  fc.record({
    name: fc.constantFrom(...'abcdefgh'.split('')),
    seq: fc.integer({ min: 1, max: 50 }),
  }),
);

describe('a fact table', () => {
  it('knows of each name its highest number, or has told a number at least as high', () => {
    fc.assert(
      fc.property(facts, fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 4 }), check),
    );
    function check(
      added: readonly { name: string; seq: number }[],
      capacity: number,
      dropOneIn: number,
    ): void {
      const table = new FactTable(capacity, dropOneIn);
      const highest = new Map<string, number>();
      let forgotten = 0;
      for (const { name, seq } of added) {
        forgotten = Math.max(forgotten, table.raise(name, seq));
        highest.set(name, Math.max(highest.get(name) ?? 0, seq));
        expect([...table.entries()].length).toBeLessThanOrEqual(capacity);
      }
      for (const [name, seq] of highest) {
        expect(table.seqOf(name)).toBeLessThanOrEqual(seq);
        expect(Math.max(table.seqOf(name), forgotten)).toBeGreaterThanOrEqual(seq);
      }
      expect(table.newest).toBe(Math.max(0, ...highest.values()));
    }
  });

  it('forgets the least recently raised part when it overflows', () => {
    const table = new FactTable(10, 2);
    for (let index = 1; index <= 10; index++) table.raise(`t${index}`, index);
    table.raise('t1', 11);
    expect(table.raise('t12', 12)).toBe(7);
    expect([...table.entries()].map(([name]) => name)).toEqual(['t8', 't9', 't10', 't1', 't12']);
  });

  it('is empty after clear', () => {
    const table = new FactTable(10, 2);
    table.raise('t', 1);
    table.clear();
    expect([table.seqOf('t'), table.newest]).toEqual([0, 0]);
  });
});
