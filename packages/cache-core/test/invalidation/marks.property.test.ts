import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LedgerMember } from '../../src/index.ts';
import { Marks } from '../../src/invalidation/marks.ts';

const MEMBERS: readonly LedgerMember[] = [
  { kind: 'tag', name: 'x' },
  { kind: 'tag', name: 'y' },
  { kind: 'soft', name: 'x' },
  { kind: 'pattern', name: 'a*' },
  { kind: 'pattern', name: '*b' },
  { kind: 'all', name: '' },
];
const KEYS = ['ab', 'ac', 'bb', 'c'];
const TAGS = [[], ['x'], ['y', 'x']];

const steps = fc.array(
  fc.record({ release: fc.boolean(), member: fc.integer({ min: 0, max: MEMBERS.length - 1 }) }),
  { maxLength: 30 },
);

function concerns({ kind, name }: LedgerMember, key: string, tags: readonly string[]): boolean {
  if (kind === 'tag') return tags.includes(name);
  if (kind === 'pattern') return name === 'a*' ? key.startsWith('a') : key.endsWith('b');
  return kind === 'all';
}

describe('marks', () => {
  it('are obeyed like a list of all that are held, each as late as the last one of its member', () => {
    fc.assert(
      fc.property(steps, (taken) => {
        const marks = new Marks();
        /** For each member the ticks of those who hold it. */
        const held = MEMBERS.map((): number[] => []);
        let tick = 0;
        for (const { release, member } of taken) {
          const ticks = held[member] ?? [];
          const one = MEMBERS[member] as LedgerMember;
          if (!release) {
            marks.hold(one, ++tick);
            ticks.push(tick);
          } else if (ticks.length > 0) {
            // Which one is released makes no difference: the latest is what counts.
            ticks.shift();
            expect(marks.release(one)).toBe(ticks.length === 0 && one.kind !== 'soft');
          }
          for (const key of KEYS) {
            for (const tags of TAGS) {
              for (const born of [-1, 0, tick - 1, tick]) {
                const isDead = MEMBERS.some(
                  (two, index) =>
                    concerns(two, key, tags) && held[index]?.some((at) => at > born) === true,
                );
                expect(marks.concern(key, tags, born)).toBe(isDead);
              }
            }
          }
        }
      }),
    );
  });
});
