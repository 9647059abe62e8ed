import { describe, expect, it } from 'vitest';
import type { LedgerDelta, LedgerFact, LedgerMember } from '../../src/index.ts';
import { LedgerReplica } from '../../src/invalidation/ledger-replica.ts';

const START = { seq: 0, drop: 0 };
const ALL: LedgerMember = { kind: 'all', name: '' };
const tag = (name: string): LedgerMember => ({ kind: 'tag', name });

function delta(
  id: string,
  facts: readonly LedgerFact[],
  rest: Partial<LedgerDelta> = {},
): LedgerDelta {
  const seq = Math.max(0, ...facts.map((fact) => fact.seq));
  return { id, facts, seq, drops: [], drop: 0, gap: false, complete: true, ...rest };
}

/** A replica that has read the ledger L up to 10. */
function read(): LedgerReplica {
  const replica = new LedgerReplica();
  replica.mergeDelta(delta('L', [{ ...tag('old'), seq: 10 }]), START, false);
  return replica;
}

const entry = (asOf: number, tags: readonly string[] = [], ledgerId = 'L') => ({
  ledgerId,
  asOf,
  tags,
});

describe('judging an entry', () => {
  it('finds one of another ledger dead', () => {
    expect(read().judge('k', entry(10, [], 'M'), -1)).toBe('dead');
  });

  it('finds one from before the floor dead, and one as of the floor valid', () => {
    const replica = read();
    replica.mergeBump([ALL], { id: 'L', prev: 10, seq: 11 });
    expect(replica.judge('k', entry(10), -1)).toBe('dead');
    expect(replica.judge('k', entry(11), -1)).toBe('valid');
  });

  it('goes by tag, pattern and softly invalidated tag', () => {
    const replica = read();
    const members: LedgerMember[] = [
      tag('hard'),
      { kind: 'soft', name: 'soft' },
      { kind: 'pattern', name: 'user:*' },
    ];
    replica.mergeBump(members, { id: 'L', prev: 10, seq: 11 });
    expect(replica.judge('k', entry(10, ['other']), -1)).toBe('valid');
    expect(replica.judge('k', entry(10, ['soft']), -1)).toBe('soft');
    expect(replica.judge('k', entry(10, ['soft', 'hard']), -1)).toBe('dead');
    expect(replica.judge('user:1', entry(10, ['soft']), -1)).toBe('dead');
    expect(replica.judge('user:1', entry(11, ['hard', 'soft']), -1)).toBe('valid');
    expect(replica.softSeq(entry(10, ['other', 'soft']))).toBe(11);
    expect(replica.softSeq(entry(11, ['soft']))).toBe(Infinity);
  });
});

describe('what is softly invalidated again', () => {
  const SECOND = 1_000_000;
  const softened = (...times: readonly number[]): LedgerReplica => {
    const replica = new LedgerReplica({ keepStale: 1000 });
    replica.adopt('L');
    for (const seq of times) {
      replica.mergeBump([{ kind: 'soft', name: 'x' }], { id: 'L', prev: seq - 1, seq });
    }
    return replica;
  };

  it('is stale since the first time, or since one so long ago that it may not be served', () => {
    const twice = softened(SECOND, 5 * SECOND);
    expect(twice.softSeq(entry(1, ['x']))).toBe(SECOND);
    expect(twice.softSeq(entry(2 * SECOND, ['x']))).toBe(5 * SECOND);
    const thrice = softened(SECOND, 5 * SECOND, 9 * SECOND);
    expect(thrice.softSeq(entry(1, ['x']))).toBe(SECOND);
    expect(thrice.softSeq(entry(2 * SECOND, ['x']))).toBe(5 * SECOND);
    expect(thrice.softSeq(entry(6 * SECOND, ['x']))).toBe(9 * SECOND);
  });

  it('is stale since the last time, where one comes soon after the other', () => {
    const burst = softened(10 * SECOND, 20 * SECOND, 20.3 * SECOND, 20.6 * SECOND);
    expect(burst.softSeq(entry(1, ['x']))).toBe(10 * SECOND);
    expect(burst.softSeq(entry(11 * SECOND, ['x']))).toBe(20 * SECOND);
    expect(burst.softSeq(entry(20.1 * SECOND, ['x']))).toBe(20.6 * SECOND);
  });

  it('is stale since the first of several tags', () => {
    const replica = softened(SECOND);
    replica.mergeBump([{ kind: 'soft', name: 'y' }], { id: 'L', prev: SECOND, seq: 5 * SECOND });
    expect(replica.softSeq(entry(1, ['y', 'x']))).toBe(SECOND);
  });
});

describe('a mark', () => {
  it('declares dead what was born before it and what comes from a store, until it is released', () => {
    const replica = read();
    const before = replica.nextTick();
    const release = replica.mark([tag('t')]);
    const after = replica.nextTick();
    const judge = (born: number): string => replica.judge('k', entry(10, ['t']), born);
    expect([judge(before), judge(-1), judge(after)]).toEqual(['dead', 'dead', 'valid']);
    expect(replica.judge('k', entry(10, ['u']), -1)).toBe('valid');
    release();
    expect(judge(before)).toBe('valid');
  });

  it('concerns keys by pattern, and everything', () => {
    const replica = read();
    const release = replica.mark([{ kind: 'pattern', name: 'a*' }]);
    expect([replica.judge('ab', entry(10), 0), replica.judge('b', entry(10), 0)]).toEqual([
      'dead',
      'valid',
    ]);
    release();
    replica.mark([ALL]);
    expect(replica.judge('b', entry(10), 0)).toBe('dead');
  });

  it('spares what is invalidated softly', () => {
    const replica = read();
    replica.mark([{ kind: 'soft', name: 't' }]);
    expect(replica.judge('k', entry(10, ['t']), 0)).toBe('valid');
  });

  it('is no more work for a verdict, however often its member was invalidated', () => {
    const replica = read();
    let looks = 0;
    const tags = new Proxy(['u'], {
      get(target, name, receiver) {
        looks++;
        return Reflect.get(target, name, receiver) as unknown;
      },
    });
    const looksOf = (): number => {
      looks = 0;
      expect(replica.judge('k', entry(10, tags), 0)).toBe('valid');
      return looks;
    };
    replica.mark([tag('t')]);
    const once = looksOf();
    for (let more = 0; more < 1000; more++) replica.mark([tag('t')]);
    expect(looksOf()).toBe(once);
  });

  it('changes the version when it is set and when it is released, and not again', () => {
    const replica = read();
    const versions = [replica.version];
    const release = replica.mark([tag('t')]);
    versions.push(replica.version);
    release();
    versions.push(replica.version);
    release();
    expect(new Set(versions).size).toBe(3);
    expect(replica.version).toBe(versions[2]);
  });
});

describe('the reply of a bump', () => {
  it('completes the replica only when it follows what is known', () => {
    const replica = read();
    expect(replica.mergeBump([tag('a')], { id: 'L', prev: 10, seq: 11 })).toBe(true);
    expect(replica.position.seq).toBe(11);
    expect(replica.mergeBump([tag('b')], { id: 'L', prev: 12, seq: 13 })).toBe(false);
    expect(replica.position.seq).toBe(11);
    expect(replica.reached).toBe(13);
    expect(replica.judge('k', entry(12, ['b']), -1)).toBe('dead');
  });

  it('of another ledger is not learnt, but its number is remembered for the next bump', () => {
    const replica = read();
    expect(replica.mergeBump([tag('a')], { id: 'M', prev: 0, seq: 99 })).toBe(false);
    expect([replica.id, replica.reached, replica.highest]).toEqual(['L', 10, 99]);
  });
});

describe('a delta', () => {
  it('of the first ledger is taken over', () => {
    expect(read().id).toBe('L');
  });

  it('of another ledger is foreign until it was read from the start', () => {
    const replica = read();
    const foreign = delta('M', [{ ...tag('t'), seq: 3 }]);
    expect(replica.mergeDelta(foreign, replica.position, false)).toBe('foreign');
    expect(replica.id).toBe('L');
    expect(replica.mergeDelta(foreign, START, true)).toBe('merged');
    expect(replica.id).toBe('M');
    expect(replica.judge('k', entry(2, ['t'], 'M'), -1)).toBe('dead');
    expect(replica.judge('k', entry(3, ['t', 'old'], 'M'), -1)).toBe('valid');
  });

  it('of another ledger takes nothing of the numbers of the one that was lost', () => {
    const replica = read();
    replica.mergeDelta(delta('M', [{ ...tag('t'), seq: 3 }]), START, true);
    expect(replica.reached).toBe(3);
    expect(replica.highest).toBe(10);
    expect(replica.position).toEqual({ seq: 3, drop: 0 });
  });

  it('that knows less than was known when it was sent tells of a rollback', () => {
    const replica = read();
    const older = delta('L', [], { seq: 9 });
    expect(replica.mergeDelta(older, { seq: 10, drop: 0 }, false)).toBe('rolled-back');
    expect(replica.reached).toBe(10);
  });

  it('sent before a bump was heard is no rollback', () => {
    const replica = read();
    const sent = replica.position;
    replica.mergeBump([tag('a')], { id: 'L', prev: 10, seq: 11 });
    expect(replica.mergeDelta(delta('L', [], { seq: 10 }), sent, false)).toBe('merged');
    expect(replica.position.seq).toBe(11);
  });

  it('that is a page moves the position no further than its facts', () => {
    const replica = read();
    const page = delta('L', [{ ...tag('a'), seq: 12 }], { seq: 20, drop: 4, complete: false });
    expect(replica.mergeDelta(page, replica.position, false)).toBe('more');
    expect(replica.position).toEqual({ seq: 12, drop: 4 });
  });
});

it('forgets tags beyond 10,000 and patterns beyond 64 only by declaring more entries dead', () => {
  const replica = read();
  for (let index = 1; index <= 65; index++) {
    const members: LedgerMember[] = [{ kind: 'pattern', name: `p${index}:*` }];
    replica.mergeBump(members, { id: 'L', prev: 10, seq: 10 + index });
  }
  expect(replica.judge('p1:x', entry(10), -1)).toBe('dead');
  expect(replica.judge('other', entry(10), -1)).toBe('dead');
  expect(replica.judge('other', entry(75), -1)).toBe('valid');
  expect(replica.judge('p60:x', entry(60), -1)).toBe('dead');
  const tags = Array.from({ length: 10_001 }, (_, index) => tag(`t${index}`));
  replica.mergeBump(tags, { id: 'L', prev: 75, seq: 80 });
  expect(replica.judge('other', entry(79), -1)).toBe('dead');
  expect(replica.judge('other', entry(80, ['t5']), -1)).toBe('valid');
});
