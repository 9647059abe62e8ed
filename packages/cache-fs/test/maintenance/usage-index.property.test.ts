import { array, assert, constantFrom, integer, property, tuple } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { entryName, shardOf } from '../../src/disk/layout.ts';
import { UsageIndex } from '../../src/maintenance/usage-index.ts';

const NAMES = Array.from({ length: 40 }, (_, index) => entryName(`${index}`));
const NOW = 1_700_000_000_000;

function usage(index: UsageIndex, bytes: number, until = Infinity) {
  return { bytes, used: index.moment(NOW), marked: NOW, until };
}

describe('UsageIndex', () => {
  it('counts, sums and orders as a plain list does', () => {
    const step = tuple(
      constantFrom('put', 'put', 'put', 'delete', 'evict', 'use', 'reconcile', 'clear'),
      integer({ min: 0, max: NAMES.length - 1 }),
      integer({ min: 1, max: 1000 }),
    );
    assert(
      property(array(step, { maxLength: 200 }), (steps) => {
        const index = new UsageIndex({ maxEntries: 10, maxBytes: 3000 });
        // Least recently used first.
        const model = new Map<string, number>();
        for (const [what, which, bytes] of steps) {
          const name = NAMES[which] ?? '';
          if (what === 'put') {
            index.put(name, usage(index, bytes));
            model.delete(name);
            model.set(name, bytes);
          } else if (what === 'use' && model.has(name)) {
            const size = model.get(name) ?? 0;
            index.put(name, usage(index, size));
            model.delete(name);
            model.set(name, size);
          } else if (what === 'delete') {
            index.delete(name);
            model.delete(name);
          } else if (what === 'evict') {
            const [oldest] = model.keys();
            expect(index.nextVictim(NOW)).toBe(oldest);
            if (oldest !== undefined) {
              index.delete(oldest);
              model.delete(oldest);
            }
          } else if (what === 'reconcile') {
            const shard = shardOf(name);
            index.reconcile(shard, new Set([name]), index.change);
            for (const one of model.keys()) {
              if (shardOf(one) === shard && one !== name) model.delete(one);
            }
          } else if (what === 'clear' && which === 0) {
            index.clear();
            model.clear();
          }
          const total = [...model.values()].reduce((sum, one) => sum + one, 0);
          expect([index.entries, index.bytes]).toEqual([model.size, total]);
          expect(index.exceeded()).toBe(model.size > 10 || total > 3000);
          expect(index.exceeded(3, 100)).toBe(model.size + 3 > 10 || total + 100 > 3000);
        }
      }),
    );
  });

  it('gives every entry as a victim once, the expired ones first', () => {
    const index = new UsageIndex({ maxEntries: 1000, maxBytes: Infinity });
    const names = Array.from({ length: 500 }, (_, one) => entryName(`${one}`));
    for (const [at, name] of names.entries()) {
      index.put(name, usage(index, 1, at % 10 === 9 ? NOW : Infinity));
    }
    const victims: string[] = [];
    for (let next = index.nextVictim(NOW); next !== undefined; next = index.nextVictim(NOW)) {
      victims.push(next);
      index.delete(next);
    }
    expect(new Set(victims)).toEqual(new Set(names));
    const expired = new Set(names.filter((_, at) => at % 10 === 9));
    expect(new Set(victims.slice(0, 32))).toEqual(
      new Set(victims.slice(0, 32).filter((name) => expired.has(name))),
    );
    expect(victims.filter((name) => !expired.has(name))).toEqual(
      names.filter((_, at) => at % 10 !== 9),
    );
  });

  it('what another process put in the place of a victim counts until everything was seen', () => {
    const index = new UsageIndex({ maxEntries: 2, maxBytes: 100 });
    index.put(NAMES[0] ?? '', usage(index, 10));
    index.goneElsewhere(10);
    index.goneElsewhere(10);
    expect(index.exceeded()).toBe(true);
    index.settle();
    expect(index.exceeded()).toBe(false);
  });

  it('keeps what was written after a folder was listed', () => {
    const index = new UsageIndex({ maxEntries: 10, maxBytes: 100 });
    const [a = '', b = ''] = NAMES.filter((name) => name.startsWith(NAMES[0]?.slice(0, 1) ?? ''));
    index.put(a, usage(index, 1));
    const listed = index.change;
    index.put(b, usage(index, 1));
    index.reconcile(shardOf(a), new Set(), listed);
    index.reconcile(shardOf(b), new Set(), listed);
    expect([index.get(a), index.get(b)?.bytes]).toEqual([undefined, 1]);
  });
});
