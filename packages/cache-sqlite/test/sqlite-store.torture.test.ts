import { setTimeout } from 'node:timers/promises';
import { seededRandom } from '@perf/core/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { driverIsMissing, openRaw } from './fixtures/driver.ts';
import { buildPrograms, type Programs } from './fixtures/programs.ts';
import { CALL, useTempFolder } from './fixtures/temp-folder.ts';

const RUNS = Number(process.env['PERF_TORTURE_RUNS'] ?? 200);
const SEED = Number(process.env['PERF_TORTURE_SEED'] ?? 1);
const PARTS = [0, 1, 2];
/** The longest life of a writer after its first acknowledged batch, in milliseconds. */
const LIFE = 120;

describe.skipIf(driverIsMissing)('a writer killed by SIGKILL', () => {
  const temp = useTempFolder();
  let programs: Programs | undefined;

  beforeAll(async () => {
    programs = await buildPrograms();
  });
  afterAll(() => programs?.remove());

  it(`${RUNS} times in mid-write leaves no half-written entry and loses nothing acknowledged`, async () => {
    const random = seededRandom(SEED);
    const corrupt: string[] = [];
    const total = { batches: 0, unacknowledged: 0 };
    for (let run = 1; run <= RUNS; run++) {
      // From small values to ones that need hundreds of pages.
      const length = 100 + Math.floor(random() ** 3 * 300_000);
      const { written, deleted } = await writeUntilKilled(run, length, random);
      const store = temp.open();
      store.on('corrupt', ({ movedTo }) => corrupt.push(movedTo));

      for (let batch = 0; batch <= written + 1; batch++) {
        const keys = PARTS.map((part) => `run ${run} batch ${batch} part ${part}`);
        const entries = await store.getMany(keys, CALL);
        for (const [part, entry] of entries.entries()) {
          if (entry === undefined) continue;
          const whole = Buffer.alloc(length, `${keys[part]};`);
          expect(whole.equals(entry.bytes), `${keys[part]} is whole`).toBe(true);
        }
        const present = entries.map((entry) => entry !== undefined);
        const [first, ...others] = present;
        if (batch > written) {
          if (first === true) total.unacknowledged++;
          expect(new Set(present).size, `batch ${batch} of run ${run} is all or nothing`).toBe(1);
        } else {
          expect(others, `batch ${batch} of run ${run} was acknowledged`).toEqual([true, true]);
          if (deleted.has(batch)) expect(first, `run ${run} batch ${batch} deleted`).toBe(false);
          // Its deletion may have been applied without having been acknowledged.
          else if (batch % 3 !== 1 || batch < written - 1) expect(first).toBe(true);
        }
      }
      total.batches += written + 1;
      await store.clear(CALL);
      const [result] = await store.setMany([{ key: 'a', bytes: Buffer.from('1'), ttl: 1e6 }], CALL);
      expect(result).toBe('stored');
      const { entries, bytes } = await store.health(CALL);
      expect({ entries, bytes }).toEqual({ entries: 1, bytes: 130 });
      await store.clear(CALL);
      await store.close();
      if (run % 20 === 0 || run === RUNS) {
        const raw = openRaw(temp.at('cache.db'), { readonly: true });
        expect(raw.pragma('integrity_check', { simple: true })).toBe('ok');
        raw.close();
        process.stdout.write(
          `sqlite torture: ${run} of ${RUNS} kills, ${total.batches} batches acknowledged, ` +
            `${total.unacknowledged} stored unacknowledged\n`,
        );
      }
    }
    expect(corrupt).toEqual([]);
    expect(total.batches).toBeGreaterThan(RUNS);
  });

  async function writeUntilKilled(
    run: number,
    length: number,
    random: () => number,
  ): Promise<{ readonly written: number; readonly deleted: ReadonlySet<number> }> {
    const peer = await programs?.startPeer(temp.at('cache.db'));
    if (peer === undefined) throw new Error('no programs');
    let written = -1;
    const deleted = new Set<number>();
    const begun = new Promise<void>((resolve) => {
      peer.child.on('message', ({ id, value }: { id: number; value: number }) => {
        if (id === -1) written = value;
        if (id === -2) deleted.add(value);
        resolve();
      });
    });
    peer.tell('writeOn', run, length);
    await begun;
    await setTimeout(random() * LIFE);
    await peer.kill();
    return { written, deleted };
  }
});
