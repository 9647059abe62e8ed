import { Lifecycle, systemClock } from '@perf/core';
import type { LedgerFact, LedgerMember } from '@perf/cache-core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { resolveSource } from '../../src/client/client-source.ts';
import { Connection } from '../../src/client/connection.ts';
import { StoreEvents } from '../../src/events.ts';
import { Ledger, type LedgerBounds } from '../../src/fencing/ledger.ts';
import { KeySpace } from '../../src/keys/key-space.ts';
import { ScriptRunner } from '../../src/batching/script-runner.ts';
import { clientOf, DRIVERS } from '../fixtures/drivers.ts';
import { noRedis, useRedis } from '../fixtures/redis.ts';
import { CALL, freshPrefix, useStores } from '../fixtures/stores.ts';

const START = { seq: 0, drop: 0 };

/** The ledger as the protocol has it, without a thought for speed. */
class ModelLedger {
  readonly #bounds: LedgerBounds;
  readonly facts = new Map<string, LedgerFact>();
  highest = 0;

  constructor(bounds: LedgerBounds) {
    this.#bounds = bounds;
  }

  bump(members: readonly LedgerMember[], seq: number): void {
    for (const member of members) this.#put(member, seq);
    this.highest = seq;
    this.#forget(['pattern'], this.#bounds.patterns, Math.floor(this.#bounds.patterns / 2));
    this.#forget(['tag', 'soft'], this.#bounds.tags, Math.floor(this.#bounds.tags * 0.9));
  }

  #put({ kind, name }: LedgerMember, seq: number): void {
    const key = `${kind}:${name}`;
    this.facts.set(key, { kind, name, seq: Math.max(seq, this.facts.get(key)?.seq ?? 0) });
  }

  #forget(kinds: readonly string[], most: number, left: number): void {
    const some = [...this.facts].filter(([, { kind }]) => kinds.includes(kind));
    if (some.length <= most) return;
    const oldest = some.toSorted(byAge).slice(0, some.length - left);
    for (const [key, { seq }] of oldest) {
      this.facts.delete(key);
      this.#put({ kind: 'all', name: '' }, seq);
    }
  }
}

/** Those of one number in the order of their names, as a sorted set has them. */
function byAge([one, a]: [string, LedgerFact], [other, b]: [string, LedgerFact]): number {
  if (a.seq !== b.seq) return a.seq - b.seq;
  return one < other ? -1 : 1;
}

describe.skipIf(noRedis)('the ledger in Redis', () => {
  const redis = useRedis();
  const stores = useStores();

  async function open(prefix: string, bounds?: LedgerBounds) {
    const client = stores.keep(clientOf(DRIVERS[0], redis.server));
    const connection = new Connection(resolveSource('redisStore', { client }), systemClock, {
      onError: () => undefined,
      onReplaced: () => undefined,
      onWarning: () => undefined,
    });
    const runner = new ScriptRunner(
      'redis',
      new Lifecycle('store', () => undefined),
      connection,
      new StoreEvents('redis'),
      systemClock,
    );
    await connection.open();
    return new Ledger(runner, new KeySpace(prefix), bounds);
  }

  async function factsOf(ledger: Ledger): Promise<readonly LedgerFact[]> {
    const facts: LedgerFact[] = [];
    for (let position = START; ; position = { seq: facts.at(-1)?.seq ?? 0, drop: 0 }) {
      const delta = await ledger.delta(position, CALL);
      facts.push(...delta.facts);
      if (delta.complete) return facts;
    }
  }

  const member = fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        kind: fc.constant('tag' as const),
        name: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l'),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        kind: fc.constant('soft' as const),
        name: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
      }),
    },
    {
      weight: 5,
      arbitrary: fc.record({
        kind: fc.constant('pattern' as const),
        name: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'),
      }),
    },
    { weight: 1, arbitrary: fc.constant({ kind: 'all' as const, name: '' }) },
  );
  const step = fc.record({
    by: fc.nat(2),
    members: fc.array(member, { minLength: 1, maxLength: 4 }),
    ahead: fc.constantFrom(0, 0, 0, 1_000_000),
  });

  it('is what a naive model makes of the same bumps by several clients, and forgets alike', async () => {
    const bounds = { tags: 10, patterns: 4 };
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        const prefix = freshPrefix();
        const ledgers = await Promise.all([0, 1, 2].map(() => open(prefix, bounds)));
        const model = new ModelLedger(bounds);
        for (const { by, members, ahead } of steps) {
          const reached = ahead === 0 ? 0 : model.highest + ahead;
          const reply = await ledgers[by]?.bump(members, reached, CALL);
          expect(reply?.prev).toBe(model.highest);
          expect(reply?.seq).toBeGreaterThan(Math.max(model.highest, reached));
          model.bump(members, reply?.seq ?? 0);
        }
        const facts = await factsOf(ledgers[0] as Ledger);
        const expected = [...model.facts].toSorted(byAge).map(([, fact]) => fact);
        const sorted = facts
          .map((fact): [string, LedgerFact] => [`${fact.kind}:${fact.name}`, fact])
          .toSorted(byAge)
          .map(([, fact]) => fact);
        expect(sorted).toEqual(expected);
      }),
      { numRuns: 40 },
    );
  });

  it('reads ten thousand tags in pages, and forgets the oldest tenth of more', async () => {
    const ledger = await open(freshPrefix());
    const first = await ledger.bump([{ kind: 'tag', name: 'first' }], 0, CALL);
    for (let n = 0; n < 10; n++) {
      const members = Array.from({ length: 999 }, (_, m) => ({
        kind: 'tag' as const,
        name: `${n}.${m}`,
      }));
      await ledger.bump(members, 0, CALL);
    }
    const before = await factsOf(ledger);
    expect(before).toHaveLength(9991);
    expect(before[0]).toEqual({ kind: 'tag', name: 'first', seq: first.seq });
    const more = Array.from({ length: 10 }, (_, n) => ({
      kind: 'tag' as const,
      name: `more ${n}`,
    }));
    await ledger.bump(more, 0, CALL);
    const after = await factsOf(ledger);
    // 9000 tags and the floor.
    expect(after).toHaveLength(9001);
    const floor = after.find(({ kind }) => kind === 'all');
    expect(floor?.seq).toBe(before.at(1000)?.seq);
    expect(after.filter(({ seq }) => seq < (floor?.seq ?? 0))).toEqual([]);
  });

  it('forgets the older half of the patterns when there are more than 64, among many tags too', async () => {
    const ledger = await open(freshPrefix());
    const tags = Array.from({ length: 3000 }, (_, n) => ({ kind: 'tag' as const, name: `${n}` }));
    await ledger.bump(tags, 0, CALL);
    for (let n = 0; n < 65; n++) await ledger.bump([{ kind: 'pattern', name: `${n}:*` }], 0, CALL);
    const patterns = (await factsOf(ledger)).filter(({ kind }) => kind === 'pattern');
    expect(patterns.map(({ name }) => name)).toEqual(
      Array.from({ length: 32 }, (_, n) => `${n + 33}:*`),
    );
    // Bumped again it is no further one.
    for (let n = 0; n < 100; n++) await ledger.bump([{ kind: 'pattern', name: '64:*' }], 0, CALL);
    expect((await factsOf(ledger)).filter(({ kind }) => kind === 'pattern')).toHaveLength(32);
  });

  it('forgets nothing for its age: a process that has stored nothing does not know how long entries live', async () => {
    const prefix = freshPrefix();
    const ledger = await open(prefix);
    const { seq } = await ledger.bump([{ kind: 'tag', name: 'now' }], 0, CALL);
    const old = seq - 30 * 86_400_000_000;
    await redis.server.command('ZADD', `{${prefix}}:ledger`, old, 'told', old - 1, 'polder');
    await (await open(prefix)).bump([{ kind: 'tag', name: 'last' }], 0, CALL);
    expect((await factsOf(ledger)).map(({ name }) => name)).toEqual([
      'older',
      'old',
      'now',
      'last',
    ]);
  });

  it('is made anew, under another id, when it is lost or overwritten', async () => {
    const prefix = freshPrefix();
    const key = `{${prefix}}:ledger`;
    const ledger = await open(prefix);
    const ids = new Set([(await ledger.delta(START, CALL)).id]);
    for (const harm of [
      ['DEL', key],
      ['SET', key, 'x'],
      ['ZREMRANGEBYRANK', key, -1, -1],
    ] as const) {
      const [command, ...args] = harm;
      await ledger.bump([{ kind: 'tag', name: 'x' }], 0, CALL);
      await redis.server.command(command, ...args);
      const delta = await ledger.delta(START, CALL);
      expect(delta).toMatchObject({ facts: [], seq: 0, complete: true });
      ids.add(delta.id);
      await redis.server.command(command, ...args);
      ids.add((await ledger.bump([{ kind: 'tag', name: 'x' }], 0, CALL)).id);
    }
    expect(ids.size).toBe(7);
  });

  it('never has an expiry', async () => {
    const prefix = freshPrefix();
    await (await open(prefix)).bump([{ kind: 'tag', name: 'x' }], 0, CALL);
    expect(await redis.server.command('PTTL', `{${prefix}}:ledger`)).toBe(-1);
  });

  it('does not bump nothing', async () => {
    const ledger = await open(freshPrefix());
    const { id, seq } = await ledger.bump([{ kind: 'tag', name: 'x' }], 0, CALL);
    expect(await ledger.bump([], seq + 100, CALL)).toEqual({ id, prev: seq, seq });
  });

  it('gives a number beyond what a caller has seen, though its clock is behind', async () => {
    const ledger = await open(freshPrefix());
    const { seq } = await ledger.bump([{ kind: 'tag', name: 'x' }], 8e15, CALL);
    expect(seq).toBe(8e15 + 1);
    const next = await ledger.bump([{ kind: 'tag', name: 'x' }], 0, CALL);
    expect(next).toMatchObject({ prev: seq, seq: seq + 1 });
  });
});
