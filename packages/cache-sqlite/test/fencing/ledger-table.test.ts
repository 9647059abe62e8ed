import { ManualClock } from '@perf/core/testing';
import { describe, expect, it } from 'vitest';
import { driver as Driver, driverIsMissing, openRaw } from '../fixtures/driver.ts';
import { CALL, setText, useTempFolder } from '../fixtures/temp-folder.ts';

const START = { seq: 0, drop: 0 };

describe.skipIf(driverIsMissing)('the ledger', () => {
  const temp = useTempFolder();

  it('answers who has read everything without reading a table', async () => {
    const asked: string[] = [];
    const Watched = class extends (Driver ?? Object) {
      prepare(sql: string) {
        const base = Driver?.prototype as { prepare(sql: string): Record<string, unknown> };
        const statement = base.prepare.call(this, sql);
        for (const method of ['run', 'get', 'all']) {
          const original = statement[method] as (...args: unknown[]) => unknown;
          statement[method] = (...args: unknown[]) => {
            asked.push(sql);
            return original.apply(statement, args);
          };
        }
        return statement;
      }
    };
    const store = temp.open({ driver: Watched as never });
    const first = await store.fencing.delta(START, CALL);
    asked.length = 0;
    const second = await store.fencing.delta(first, CALL);
    expect(asked).toEqual(['PRAGMA data_version']);
    expect(second).toMatchObject({ facts: [], drops: [], gap: false, complete: true });
  });

  it("of two handles that write in turn shows each the other's, however they interleave", async () => {
    const left = temp.open();
    const right = temp.open();
    let position = await left.fencing.delta(START, CALL);
    for (let n = 0; n < 20; n++) {
      await setText(left, `left ${n}`, '1');
      await setText(right, `right ${n}`, '1');
      if (n % 2 === 0) await left.fencing.bump([{ kind: 'tag', name: `left ${n}` }], 0, CALL);
      await setText(left, `left ${n}`, '2');
      const delta = await left.fencing.delta(position, CALL);
      expect(delta.drops).toEqual([`right ${n}`]);
      expect(delta.facts.map(({ name }) => name)).toEqual(n % 2 === 0 ? [`left ${n}`] : []);
      position = delta;
      expect((await left.fencing.delta(position, CALL)).drops).toEqual([]);
    }
  });

  it('sees no gap in its own writes, however many', async () => {
    const store = temp.open({ dropLog: 16 });
    const other = temp.open({ dropLog: 16 });
    let position = await store.fencing.delta(START, CALL);
    for (let n = 0; n < 100; n++) {
      await setText(store, `key ${n}`, '1');
      position = await store.fencing.delta(position, CALL);
      expect(position).toMatchObject({ gap: false });
    }
    await setText(other, 'theirs', '1');
    expect(await store.fencing.delta(position, CALL)).toMatchObject({
      drops: ['theirs'],
      gap: false,
    });
  });

  it('tells of a key that is too long to be written down by a gap', async () => {
    const store = temp.open();
    const other = temp.open();
    const position = await store.fencing.delta(START, CALL);
    await setText(other, 'k'.repeat(5000), '1');
    expect(await store.fencing.delta(position, CALL)).toMatchObject({ drops: [], gap: true });
  });

  it('forgets what is older than the longest lifetime, and raises the floor to it', async () => {
    const clock = new ManualClock();
    const store = temp.open({ clock });
    await setText(store, 'a', '1', 2 * 3_600_000);
    const old = await store.fencing.bump([{ kind: 'tag', name: 'old' }], 0, CALL);
    clock.advance(3_600_000);
    await store.fencing.bump([{ kind: 'tag', name: 'middle' }], 0, CALL);
    clock.advance(3_600_000 + 1000);
    await store.fencing.bump([{ kind: 'tag', name: 'new' }], 0, CALL);
    const { facts } = await store.fencing.delta(START, CALL);
    expect(facts.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      'all ',
      'tag middle',
      'tag new',
    ]);
    expect(facts[0]?.seq).toBe(old.seq);
  });

  it('removed from the file is made anew under another id', async () => {
    const store = temp.open();
    const before = await store.fencing.bump([{ kind: 'tag', name: 'x' }], 0, CALL);
    const raw = openRaw(temp.at('cache.db'));
    raw.exec('DELETE FROM ledger');
    raw.close();
    const after = await store.fencing.delta({ seq: before.seq, drop: 0 }, CALL);
    expect(after.id).not.toBe(before.id);
    expect(after).toMatchObject({ facts: [], seq: 0 });
    expect((await store.fencing.bump([], 0, CALL)).id).toBe(after.id);
  });

  it('never repeats a number when the clock is set back', async () => {
    const clock = new ManualClock();
    const store = temp.open({ clock });
    const first = await store.fencing.bump([{ kind: 'tag', name: 'x' }], 0, CALL);
    clock.setEpoch(0);
    const second = await store.fencing.bump([{ kind: 'tag', name: 'x' }], 0, CALL);
    expect(second).toMatchObject({ prev: first.seq, seq: first.seq + 1 });
    expect((await store.fencing.bump([{ kind: 'soft', name: 'x' }], 1e15 * 2, CALL)).seq).toBe(
      1e15 * 2 + 1,
    );
  });
});
