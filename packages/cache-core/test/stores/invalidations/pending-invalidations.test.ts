import { describe, expect, it } from 'vitest';
import { PendingInvalidations } from '../../../src/stores/invalidations/pending-invalidations.ts';

const tag = (name: string) => ({ kind: 'tag', name }) as const;

describe('pending invalidations', () => {
  it('block the keys that wait, and no others', () => {
    const pending = new PendingInvalidations();
    pending.add({ kind: 'keys', keys: ['a', 'b'] });
    pending.add({ kind: 'members', members: [tag('t')] });
    expect(['a', 'b', 'c'].map((key) => pending.blocks(key))).toEqual([true, true, false]);
    expect(pending.size).toBe(3);
  });

  it('block every key once everything is to be cleared', () => {
    const pending = new PendingInvalidations();
    pending.add({ kind: 'keys', keys: ['a'] });
    pending.add({ kind: 'clear' });
    expect(pending.blocks('z')).toBe(true);
    expect(pending.size).toBe(1);
  });

  it('replay members first, then keys in portions of 500', () => {
    const pending = new PendingInvalidations();
    pending.add({ kind: 'keys', keys: Array.from({ length: 501 }, (_, index) => `k${index}`) });
    pending.add({ kind: 'members', members: [tag('t')] });
    const sizes: (number | string)[] = [];
    while (pending.size > 0) {
      const batch = pending.next();
      const { invalidation } = batch;
      sizes.push(invalidation.kind === 'keys' ? invalidation.keys.length : invalidation.kind);
      pending.settle(batch);
    }
    expect(sizes).toEqual(['members', 500, 1]);
  });

  it('replay members in portions of 100, and say which is the last', () => {
    const pending = new PendingInvalidations();
    const members = Array.from({ length: 250 }, (_, index) => tag(`t${index}`));
    pending.add({ kind: 'members', members });
    const seen: (readonly [number, boolean])[] = [];
    const replayed: unknown[] = [];
    while (pending.size > 0) {
      const batch = pending.next();
      if (batch.invalidation.kind !== 'members') throw new TypeError('not members');
      seen.push([batch.invalidation.members.length, batch.last]);
      replayed.push(...batch.invalidation.members);
      pending.settle(batch);
    }
    expect(seen).toEqual([
      [100, false],
      [100, false],
      [50, true],
    ]);
    expect(replayed).toEqual(members);
  });

  it.each([
    { kind: 'keys', keys: ['a'] },
    { kind: 'members', members: [tag('t')] },
    { kind: 'clear' },
  ] as const)('keep $kind added again after the replay was sent', (invalidation) => {
    const pending = new PendingInvalidations();
    pending.add(invalidation);
    const batch = pending.next();
    pending.add(invalidation);
    pending.settle(batch);
    expect(pending.size).toBe(1);
    pending.settle(pending.next());
    expect(pending.size).toBe(0);
  });

  it('keep what was added behind a clear that is being replayed', () => {
    const pending = new PendingInvalidations();
    pending.add({ kind: 'clear' });
    const batch = pending.next();
    pending.add({ kind: 'keys', keys: ['a'] });
    pending.settle(batch);
    expect(pending.next().invalidation).toEqual({ kind: 'keys', keys: ['a'] });
  });

  it('become one clear beyond 10,000 items', () => {
    const pending = new PendingInvalidations();
    const keys = Array.from({ length: 10_000 }, (_, index) => `k${index}`);
    pending.add({ kind: 'keys', keys });
    expect(pending.size).toBe(10_000);
    pending.add({ kind: 'members', members: [tag('t')] });
    expect(pending.size).toBe(1);
    expect(pending.next().invalidation).toEqual({ kind: 'clear' });
  });
});
