import { describe, expect, it } from 'vitest';
import { LedgerReplica } from '../../../src/invalidation/ledger-replica.ts';
import { HeldMarks } from '../../../src/stores/ledger/held-marks.ts';

const tag = (name: string) => ({ kind: 'tag', name }) as const;
const pattern = (name: string) => ({ kind: 'pattern', name }) as const;

function world() {
  const replica = new LedgerReplica();
  replica.adopt('L');
  const judge = (tags: readonly string[], born: number): string =>
    replica.judge('k', { ledgerId: 'L', asOf: 0, tags }, born);
  return { replica, judge };
}

describe('held marks', () => {
  it('are one for a member, as late as its last invalidation, until they are released', () => {
    const { replica, judge } = world();
    const held = new HeldMarks(replica);
    held.add([tag('x'), tag('y')], replica.nextTick());
    const between = replica.nextTick();
    held.add([tag('x')], replica.nextTick());
    const after = replica.nextTick();
    expect([judge(['x'], between), judge(['y'], between)]).toEqual(['dead', 'valid']);
    expect(judge(['x'], after)).toBe('valid');
    held.release();
    expect(judge(['x', 'y'], -1)).toBe('valid');
  });

  it('stand for a member as long as any of them does', () => {
    const { replica, judge } = world();
    const [queued, later, ended] = [0, 1, 2].map(() => new HeldMarks(replica));
    queued?.add([tag('x')], replica.nextTick());
    later?.add([tag('x')], replica.nextTick());
    if (queued !== undefined && later !== undefined) ended?.takeFrom(queued);
    ended?.release();
    expect(judge(['x'], -1)).toBe('dead');
    later?.release();
    expect(judge(['x'], -1)).toBe('valid');
  });

  it.each([
    ['10 000 members', Array.from({ length: 10_001 }, (_, n) => tag(`t${n}`))],
    ['64 patterns', Array.from({ length: 65 }, (_, n) => pattern(`t${n}`))],
  ])('are one for everything beyond %s, for what began before', (_, members) => {
    const { replica, judge } = world();
    const held = new HeldMarks(replica);
    const before = replica.nextTick();
    for (const member of members) held.add([member], replica.nextTick());
    expect([judge([], before), judge([], replica.nextTick())]).toEqual(['dead', 'valid']);
    held.release();
    expect(judge([], before)).toBe('valid');
  });
});
