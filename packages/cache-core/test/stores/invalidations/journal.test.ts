import { ManualClock } from '@perf/core/testing';
import { beforeEach, expect, it } from 'vitest';
import { Journal } from '../../../src/stores/invalidations/journal.ts';
import type { Invalidation } from '../../../src/stores/invalidations/pending-invalidations.ts';

let clock: ManualClock;
let journal: Journal;
beforeEach(() => {
  clock = new ManualClock();
  journal = new Journal(clock);
});

const key = (name: string): Invalidation => ({ kind: 'keys', keys: [name] });
const many = (length: number, prefix = ''): Invalidation => ({
  kind: 'keys',
  keys: Array.from({ length }, (_, index) => `${prefix}${index}`),
});

it('remembers a minute, oldest first, however often it is asked', () => {
  const members: Invalidation = { kind: 'members', members: [{ kind: 'tag', name: 'x' }] };
  journal.add(key('a'));
  clock.advance(30_000);
  journal.add(members);
  clock.advance(30_000);
  expect(journal.recent()).toEqual([key('a'), members]);
  expect(journal.recent()).toEqual([key('a'), members]);
  clock.advance(1);
  expect(journal.recent()).toEqual([members]);
  clock.advance(30_000);
  expect(journal.recent()).toEqual([]);
});

it('counts more than 10,000 keys and members as everything', () => {
  journal.add(many(9999));
  journal.add({ kind: 'members', members: [{ kind: 'all', name: '' }] });
  expect(journal.recent()).toHaveLength(2);
  journal.add(key('one more'));
  expect(journal.recent()).toEqual([{ kind: 'clear' }]);
  journal.add(key('b'));
  expect(journal.recent()).toEqual([{ kind: 'clear' }, key('b')]);
  clock.advance(60_001);
  expect(journal.recent()).toEqual([]);
});

it('does not count what is older than a minute', () => {
  journal.add(many(9999));
  clock.advance(60_001);
  journal.add(many(9999, 'later '));
  expect(journal.recent()).toEqual([many(9999, 'later ')]);
});
