import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LedgerMember } from '../../src/contracts/store-fencing.ts';
import { ReferenceLedger } from '../../src/testing/reference-ledger.ts';

const member: fc.Arbitrary<LedgerMember> = fc.oneof(
  fc.constant({ kind: 'all', name: '' } as const),
  fc.record({
    kind: fc.constantFrom('tag' as const, 'soft' as const, 'pattern' as const),
    name: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
  }),
);
const bump = fc.record({
  members: fc.array(member, { minLength: 1, maxLength: 4 }),
  passes: fc.integer({ min: -5, max: 5 }),
  ahead: fc.constantFrom(0, 0, 3),
});
const limits = fc.record({
  tags: fc.integer({ min: 1, max: 6 }),
  patterns: fc.integer({ min: 1, max: 6 }),
  maxAge: fc.constantFrom(0.002, Infinity),
});

describe('the reference ledger', () => {
  it('tells of every invalidation, by its own fact or by a floor as high', () => {
    fc.assert(
      fc.property(limits, fc.array(bump, { maxLength: 30 }), (bounds, bumps) => {
        const ledger = new ReferenceLedger(bounds);
        const written = new Map<string, number>();
        let micros = 100;
        let known = 0;
        for (const { members, passes, ahead } of bumps) {
          micros += passes;
          const reply = ledger.bump(members, known + ahead, micros);
          expect(reply.prev).toBe(known);
          expect(reply.seq).toBe(Math.max(known + ahead, micros) + 1);
          known = reply.seq;
          for (const { kind, name } of members) written.set(`${kind}:${name}`, reply.seq);
        }
        const { facts } = ledger.read(0, 1000);
        const told = new Map(facts.map(({ kind, name, seq }) => [`${kind}:${name}`, seq]));
        const floor = told.get('all:') ?? 0;
        for (const [name, seq] of written) {
          expect(Math.max(floor, told.get(name) ?? 0)).toBeGreaterThanOrEqual(seq);
        }
        for (const [name, seq] of told) {
          if (name !== 'all:') expect(seq).toBe(written.get(name));
        }
        expect(ledger.highest).toBe(known);
      }),
    );
  });

  it('is read in pages as it is read at once', () => {
    fc.assert(
      fc.property(
        fc.array(bump, { maxLength: 30 }),
        fc.integer({ min: 1, max: 5 }),
        (bumps, size) => {
          const ledger = new ReferenceLedger({ tags: 100, patterns: 100, maxAge: Infinity });
          for (const { members } of bumps) ledger.bump(members, 0, 0);
          const paged = [];
          let seq = 0;
          for (let isComplete = false; !isComplete;) {
            const { facts, complete } = ledger.read(seq, size);
            paged.push(...facts);
            seq = facts.at(-1)?.seq ?? seq;
            isComplete = complete;
          }
          expect(paged).toEqual(ledger.read(0, 1000).facts);
        },
      ),
    );
  });
});
