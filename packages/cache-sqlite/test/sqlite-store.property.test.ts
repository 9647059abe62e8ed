import fc from 'fast-check';
import { ManualClock } from '@perf/core/testing';
import { describe, expect, it } from 'vitest';
import { driverIsMissing, openRaw } from './fixtures/driver.ts';
import { CALL, useTempFolder } from './fixtures/temp-folder.ts';

const MAX_ENTRIES = 6;
const MAX_BYTES = 4000;

const key = fc.constantFrom('a', 'b', 'c', 'a\0', 'é', '🙂', 'x'.repeat(300), '%', '_', "'");
const ttl = fc.constantFrom(1, 100, 10_000, Infinity);
const action = fc.oneof(
  fc.record({ kind: fc.constant('set'), keys: fc.array(key), length: fc.nat(900), ttl }),
  fc.record({ kind: fc.constant('delete'), keys: fc.array(key) }),
  fc.record({ kind: fc.constant('touch'), keys: fc.array(key), ttl }),
  fc.record({ kind: fc.constant('fill'), key, length: fc.nat(900), ttl }),
  fc.record({ kind: fc.constant('get'), keys: fc.array(key) }),
  fc.record({ kind: fc.constant('pass'), time: fc.constantFrom(1, 99, 5000, 20_000) }),
  fc.record({ kind: fc.constant('reopen') }),
  fc.record({ kind: fc.constant('clear') }),
);

interface Known {
  readonly bytes: Uint8Array;
  expires: number;
}

describe.skipIf(driverIsMissing)('under random calls', () => {
  const temp = useTempFolder();

  it('only what was written last comes back, the bounds hold and the counters are exact', async () => {
    let file = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(action, { maxLength: 40 }), async (actions) => {
        file++;
        const clock = new ManualClock();
        const path = temp.at(`${file}.db`);
        const options = { path, clock, maxEntries: MAX_ENTRIES, maxBytes: MAX_BYTES };
        const known = new Map<string, Known>();
        let store = temp.open(options);
        let written = 0;
        const write = (length: number): Uint8Array => Buffer.alloc(length, `${++written};`);

        for (const step of actions) {
          switch (step.kind) {
            case 'set': {
              const writes = step.keys.map((key) => ({
                key,
                bytes: write(step.length),
                ttl: step.ttl,
              }));
              await store.setMany(writes, CALL);
              for (const { key, bytes } of writes) {
                known.set(key, { bytes, expires: clock.epoch() + step.ttl });
              }
              break;
            }
            case 'fill': {
              const bytes = write(step.length);
              const request = { key: step.key, ticket: `t${written}`, ttl: 1000 };
              const [reply] = await store.fencing.ticketMany([request], CALL);
              if (reply?.kind !== 'mine') break;
              const entry = { ...request, bytes, ttl: step.ttl };
              expect(await store.fencing.fillMany([entry], CALL)).toEqual(['stored']);
              known.set(step.key, { bytes, expires: clock.epoch() + step.ttl });
              break;
            }
            case 'delete': {
              await store.deleteMany(step.keys, CALL);
              for (const one of step.keys) known.delete(one);
              break;
            }
            case 'touch': {
              await store.touchMany(step.keys, step.ttl, CALL);
              for (const one of step.keys) {
                const entry = known.get(one);
                if (entry !== undefined && entry.expires > clock.epoch()) {
                  entry.expires = clock.epoch() + step.ttl;
                }
              }
              break;
            }
            case 'get': {
              const found = await store.getMany(step.keys, CALL);
              for (const [index, entry] of found.entries()) {
                if (entry === undefined) continue;
                const expected = known.get(step.keys[index] ?? '');
                expect(Buffer.from(entry.bytes).equals(expected?.bytes ?? Buffer.from('?'))).toBe(
                  true,
                );
                expect(entry.remaining).toBe((expected?.expires ?? 0) - clock.epoch());
              }
              break;
            }
            case 'pass': {
              clock.advance(step.time);
              break;
            }
            case 'reopen': {
              await store.close();
              store = temp.open(options);
              break;
            }
            case 'clear': {
              await store.clear(CALL);
              known.clear();
              break;
            }
          }
        }
        const health = await store.health(CALL);
        await store.close();
        const raw = openRaw(path, { readonly: true });
        const counted = raw
          .prepare('SELECT count(*) AS entries, ifnull(sum(size), 0) AS bytes FROM entries')
          .get();
        raw.close();
        expect(health).toEqual({ healthy: true, ...(counted as object) });
        expect(health.entries).toBeLessThanOrEqual(MAX_ENTRIES);
        expect(health.bytes).toBeLessThanOrEqual(MAX_BYTES);
      }),
      { numRuns: 60 },
    );
  });

  it('an entry is only missing when it was deleted, has expired or had to make room', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(key, { maxLength: MAX_ENTRIES }), async (keys) => {
        const store = temp.open({
          path: temp.at(`kept ${keys.length} ${keys.join('').length}.db`),
        });
        const writes = keys.map((key) => ({ key, bytes: Buffer.from(key), ttl: Infinity }));
        expect(await store.setMany(writes, CALL)).toEqual(keys.map(() => 'stored'));
        const found = await store.getMany(keys, CALL);
        expect(found.map((entry) => Buffer.from(entry?.bytes ?? []).toString())).toEqual(keys);
        await store.close();
      }),
      { numRuns: 20 },
    );
  });
});
