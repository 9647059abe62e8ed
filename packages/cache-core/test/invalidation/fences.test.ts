import { describe, expect, it } from 'vitest';
import { Fences } from '../../src/invalidation/fences.ts';

describe('fences', () => {
  it('outdate everything under way for a key, and nothing that begins later', () => {
    const fences = new Fences();
    const first = fences.begin('a');
    const second = fences.begin('a');
    const other = fences.begin('b');
    fences.outdate('a');
    const later = fences.begin('a');
    expect([first, second, other, later].map(({ outdated }) => outdated)).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });

  it('outdate by tags learnt late', () => {
    const fences = new Fences();
    const fence = fences.begin('a');
    fence.tags = ['t'];
    fences.outdateWhere(({ tags }) => tags.includes('t'));
    expect(fence.outdated).toBe(true);
  });

  it('keep no key for which nothing is under way', () => {
    const fences = new Fences();
    const first = fences.begin('a');
    const second = fences.begin('a');
    fences.end(first);
    expect([...fences.keys()]).toEqual(['a']);
    fences.end(second);
    fences.end(second);
    expect([...fences.keys()]).toEqual([]);
    fences.outdate('a');
    expect(second.outdated).toBe(false);
  });
});
