import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BumpReply, LedgerMember } from '../../src/index.ts';
import { LedgerReplica } from '../../src/invalidation/ledger-replica.ts';
import { createReferenceBackend } from '../../src/testing.ts';

const TAGS = ['t', 'u', 'v'];
const KEYS = ['a1', 'b1'];
const member = fc.oneof(
  fc.constantFrom<LedgerMember>(
    ...TAGS.map((name): LedgerMember => ({ kind: 'tag', name })),
    { kind: 'soft', name: 't' },
    { kind: 'pattern', name: 'a*' },
    { kind: 'all', name: '' },
  ),
);
const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant('bump'), member, by: fc.nat(1) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('hear'), pick: fc.nat(20) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('ask') }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('answer') }) },
);

interface Heard {
  readonly members: readonly LedgerMember[];
  readonly reply: BumpReply;
}

/** What a replica that has read everything in one go says. */
function reader(backend: ReturnType<typeof createReferenceBackend>): LedgerReplica {
  const replica = new LedgerReplica();
  const start = { seq: 0, drop: 0 };
  replica.mergeDelta(backend.delta(start, 'reader'), start, false);
  return replica;
}

function verdicts(replica: LedgerReplica, id: string, numbers: readonly number[]): string[] {
  return KEYS.flatMap((key) =>
    numbers.flatMap((asOf) =>
      [[], ...TAGS.map((tag) => [tag])].map((tags) =>
        replica.judge(key, { ledgerId: id, asOf, tags }, -1),
      ),
    ),
  );
}

describe('a replica', () => {
  it('equals the ledger after a delta, whatever it heard in whatever order and how often', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
        const backend = createReferenceBackend();
        const { ledger } = backend;
        const replica = new LedgerReplica();
        const spoken: Heard[] = [];
        let asked: { sent: typeof replica.position; delta: ReturnType<typeof backend.delta> }[] =
          [];
        const ask = (): void => {
          const sent = replica.position;
          asked.push({ sent, delta: backend.delta(sent, 'me') });
        };
        ask();
        for (const one of steps) {
          if (one.do === 'bump') {
            const { member: what, by } = one as { member: LedgerMember; by: number };
            const reply = ledger.bump([what], replica.highest, 1000);
            spoken.push({ members: [what], reply });
            // Its own reply; what others bump is heard later, or never.
            if (by === 0) replica.mergeBump([what], reply);
          } else if (one.do === 'hear') {
            const heard = spoken[(one as { pick: number }).pick % Math.max(1, spoken.length)];
            if (heard !== undefined) replica.mergeBump(heard.members, heard.reply);
          } else if (one.do === 'ask') ask();
          else {
            // On one connection the answers come in order.
            const [first, ...rest] = asked;
            asked = rest;
            if (first !== undefined) replica.mergeDelta(first.delta, first.sent, false);
          }
        }
        for (const { delta, sent } of asked) replica.mergeDelta(delta, sent, false);
        const sent = replica.position;
        expect(replica.mergeDelta(backend.delta(sent, 'me'), sent, false)).toBe('merged');

        const numbers = [0, ...spoken.flatMap(({ reply }) => [reply.seq - 1, reply.seq])];
        expect(verdicts(replica, ledger.id, numbers)).toEqual(
          verdicts(reader(backend), ledger.id, numbers),
        );
        expect(replica.position.seq).toBe(ledger.highest);
        expect(replica.reached).toBe(ledger.highest);
      }),
      { numRuns: 300 },
    );
  });

  it('of a ledger that forgets finds nothing valid that it would otherwise find dead', () => {
    fc.assert(
      fc.property(fc.array(member, { maxLength: 20 }), (members) => {
        const whole = createReferenceBackend();
        const forgetful = createReferenceBackend({ ledger: { tags: 1, patterns: 1 } });
        const numbers = [0];
        for (const one of members) {
          const { seq } = whole.ledger.bump([one], 0, 1000);
          forgetful.ledger.bump([one], 0, 1000);
          numbers.push(seq);
        }
        const full = verdicts(reader(whole), whole.ledger.id, numbers);
        const less = verdicts(reader(forgetful), forgetful.ledger.id, numbers);
        for (const [index, verdict] of full.entries()) {
          if (verdict === 'dead') expect(less[index]).toBe('dead');
        }
      }),
    );
  });
});
