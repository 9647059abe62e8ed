import assert from 'node:assert/strict';
import type { BumpReply } from '../../contracts/store-fencing.ts';
import { checksOf, isConditional, isShared, type StoreCheck } from './store-check.ts';
import { START, type News, type StoreDriver } from './store-driver.ts';

/** What the ledger may hold before it has to forget, and what it may hold for a moment beyond. */
const TAGS = { limit: 10_000, batch: 1000 };
const PATTERNS = { limit: 64, slack: 64 };

const MANY = 2500;

export const LEDGER_CHECKS: readonly StoreCheck[] = checksOf('ledger', isConditional, {
  'a new ledger has an id and nothing in it': async ({ store }) => {
    const delta = await store.delta();
    assert.notEqual(delta.id, '');
    assert.deepEqual([...delta.facts], []);
    assert.deepEqual([delta.complete, delta.gap], [true, false]);
    assert.equal((await store.delta()).id, delta.id);
    const bumped = await store.bump(['tag:x']);
    assert.deepEqual([bumped.id, bumped.prev], [delta.id, delta.seq]);
  },

  'each bump has a higher number and names the one before': async ({ store }) => {
    let { seq: prev } = await store.delta();
    for (let index = 0; index < 20; index++) {
      const bumped = await store.bump([`tag:${index % 3}`]);
      assert.equal(bumped.prev, prev);
      assert.ok(bumped.seq > prev, `${bumped.seq} after ${prev}`);
      assert.ok(Number.isSafeInteger(bumped.seq));
      prev = bumped.seq;
    }
    assert.equal((await store.delta()).seq, prev);
  },

  'a number is higher than any that the caller has reached': async ({ store }) => {
    const first = await store.bump(['tag:x']);
    const reached = first.seq + 3_600_000_000;
    assert.equal((await store.bump(['tag:x'], reached)).seq, reached + 1);
    const next = await store.bump(['tag:x'], first.seq);
    assert.deepEqual([next.prev, next.seq], [reached + 1, reached + 2]);
  },

  'numbers grow with the time, in microseconds': async ({ store, short, advance }) => {
    const before = await store.bump(['tag:x']);
    await advance(short);
    const after = await store.bump(['tag:x']);
    const millisecond = 1000;
    assert.ok(after.seq - before.seq >= (short - 1) * millisecond, `${before.seq}, ${after.seq}`);
  },

  'all members of a bump are in the delta, under its number': async ({ store }) => {
    const members = ['tag:x', 'soft:x', 'pattern:x', 'all:'];
    const { seq } = await store.bump(members);
    const { facts } = await store.news();
    assert.deepEqual(namesOf(facts), members.toSorted());
    assert.deepEqual(new Set(facts.map((fact) => fact.seq)), new Set([seq]));
  },

  'names of any content are told apart': async ({ store }) => {
    const names = [
      'x',
      'X',
      'x:',
      ':x',
      'tag:x',
      '*',
      '?',
      '\n',
      '\0',
      'é',
      'e\u0301',
      '__proto__',
    ];
    const members = names.flatMap((name) => [`tag:${name}`, `soft:${name}`, `pattern:${name}`]);
    await store.bump(members);
    assert.deepEqual(namesOf((await store.news()).facts), members.toSorted());
  },

  'a member bumped again is there once, under its last number': async ({ store }) => {
    await store.bump(['tag:x', 'tag:y']);
    const last = await store.bump(['tag:x']);
    const { facts } = await store.news();
    assert.deepEqual(
      facts.map(({ name }) => name),
      ['y', 'x'],
    );
    assert.equal(facts[1]?.seq, last.seq);
  },

  'a delta has what is newer than the position, in ascending order': async ({ store }) => {
    const bumps: BumpReply[] = [];
    for (let index = 0; index < 5; index++) bumps.push(await store.bump([`tag:${index}`]));
    const since = bumps[1]?.seq ?? 0;
    const { facts, seq, complete } = await store.delta({ seq: since, drop: 0 });
    assert.deepEqual(
      facts.map((fact) => [fact.name, fact.seq]),
      [2, 3, 4].map((index) => [`${index}`, bumps[index]?.seq]),
    );
    assert.deepEqual([seq, complete], [bumps[4]?.seq, true]);
  },

  'who has read everything gets nothing, and still the highest number': async ({ store }) => {
    const { id, seq } = await store.bump(['tag:x']);
    const delta = await store.delta(await store.position());
    assert.deepEqual([delta.id, delta.seq, delta.complete], [id, seq, true]);
    assert.deepEqual([...delta.facts], []);
    const ahead = await store.delta({ seq: seq + 1000, drop: 0 });
    assert.deepEqual([ahead.seq, ahead.facts.length], [seq, 0]);
  },

  'a long delta is read in pages without losing a fact': async ({ store }) => {
    const bumps = Array.from({ length: MANY / 50 }, (_, bump) =>
      Array.from({ length: 50 }, (_, index) => `tag:${bump}.${index}`),
    );
    for (const members of bumps) await store.bump(members);
    const { facts } = await store.news();
    assert.deepEqual(namesOf(facts), bumps.flat().toSorted());
    const seqs = facts.map(({ seq }) => seq);
    assert.deepEqual(
      seqs,
      seqs.toSorted((left, right) => left - right),
    );
  },

  'the members of one large bump are not torn apart by pages': async ({ store }) => {
    const members = Array.from({ length: MANY }, (_, index) => `tag:${index}`);
    await store.bump(['tag:before']);
    await store.bump(members);
    await store.bump(['tag:after']);
    const expected = ['tag:before', ...members, 'tag:after'];
    assert.deepEqual(namesOf((await store.news()).facts), expected.toSorted());
  },

  'a bump touches neither entries nor tickets': async ({ store }) => {
    await store.set('a', '1');
    await store.ticket('b', 't');
    await store.bump(['all:', 'pattern:*']);
    assert.deepEqual(await store.texts('a'), ['1']);
    assert.equal(await store.fill('b', '2', 't'), 'stored');
  },

  'the ledger outlives clear': async ({ store }) => {
    const { id, seq } = await store.bump(['tag:x']);
    await store.clear();
    const news = await store.news();
    assert.deepEqual([news.id, news.seq], [id, seq]);
    assert.deepEqual(namesOf(news.facts), ['tag:x']);
  },

  'bumps called at once have numbers of their own, each naming the one before': async ({
    store,
  }) => {
    await assertChain(store, store);
  },

  'too many patterns are forgotten into the floor, never altogether': async ({ store }) => {
    const bumped = new Map<string, number>();
    for (let index = 0; index < 3 * PATTERNS.limit; index++) {
      const { seq } = await store.bump([`pattern:${index}:*`]);
      bumped.set(`pattern:${index}:*`, seq);
    }
    const news = await store.news();
    assertCovered(bumped, news);
    const most = PATTERNS.limit + PATTERNS.slack;
    assert.ok(news.facts.length <= most, `${news.facts.length} facts are kept`);
  },

  'too many tags are forgotten into the floor, never altogether': async ({ store }) => {
    const bumped = new Map<string, number>();
    for (let start = 0; start < TAGS.limit + 2 * TAGS.batch; start += TAGS.batch) {
      const members = Array.from({ length: TAGS.batch }, (_, index) => `tag:${start + index}`);
      const { seq } = await store.bump(members);
      for (const member of members) bumped.set(member, seq);
    }
    const news = await store.news();
    assertCovered(bumped, news);
    assert.ok(news.facts.length <= TAGS.limit + TAGS.batch, `${news.facts.length} facts are kept`);
  },
});

export const SHARED_LEDGER_CHECKS: readonly StoreCheck[] = checksOf(
  'ledger',
  (traits) => isConditional(traits) && isShared(traits),
  {
    'handles that make the ledger at once agree on its id': async ({ store, second }) => {
      const other = await second();
      const [mine, theirs, bumped] = await Promise.all([
        store.delta(),
        other.delta(),
        other.bump(['tag:x']),
      ]);
      assert.deepEqual([mine.id, theirs.id], [bumped.id, bumped.id]);
      assert.equal((await store.delta()).id, bumped.id);
    },

    'what one handle bumps the other one reads': async ({ store, second }) => {
      const other = await second();
      const first = await store.bump(['tag:x']);
      const position = await other.position();
      assert.equal(position.seq, first.seq);
      const next = await store.bump(['pattern:user:*', 'all:']);
      const { facts, id } = await other.news(position);
      assert.equal(id, next.id);
      assert.deepEqual(namesOf(facts), ['all:', 'pattern:user:*']);
      assert.deepEqual(new Set(facts.map(({ seq }) => seq)), new Set([next.seq]));
      assert.equal((await other.bump(['tag:y'])).prev, next.seq);
    },

    'bumps of several handles at once have numbers of their own': async ({ store, second }) => {
      await assertChain(store, await second());
    },
  },
);

function namesOf(facts: News['facts']): string[] {
  return facts.map(({ kind, name }) => `${kind}:${name}`).toSorted();
}

/** Every invalidation is still told: by its own fact, or by a floor at least as high. */
function assertCovered(bumped: ReadonlyMap<string, number>, { facts }: News): void {
  const told = new Map(facts.map(({ kind, name, seq }) => [`${kind}:${name}`, seq]));
  const floor = told.get('all:') ?? 0;
  for (const [member, seq] of bumped) {
    const known = Math.max(floor, told.get(member) ?? 0);
    assert.ok(known >= seq, `${member} was bumped at ${seq}, the ledger tells ${known}`);
  }
}

async function assertChain(one: StoreDriver, other: StoreDriver): Promise<void> {
  const { seq: start } = await one.delta(START);
  const bumps = await Promise.all(
    Array.from({ length: 50 }, (_, index) => (index % 2 ? one : other).bump([`tag:${index}`])),
  );
  const chain = bumps.toSorted((left, right) => left.seq - right.seq);
  assert.deepEqual(
    chain.map(({ prev }) => prev),
    [start, ...chain.slice(0, -1).map(({ seq }) => seq)],
  );
  assert.equal((await one.news()).facts.length, bumps.length);
}
