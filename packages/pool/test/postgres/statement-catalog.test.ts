import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PreparedStatements } from '../../src/postgres/prepared-statements.ts';
import { StatementCatalog } from '../../src/postgres/statement-catalog.ts';

function connection(): ConstructorParameters<typeof PreparedStatements>[0] {
  return { parsedStatements: {} } as ConstructorParameters<typeof PreparedStatements>[0];
}

describe('a catalog of statements', () => {
  it('keeps a text from its nth use on', () => {
    const catalog = new StatementCatalog({ after: 3, max: 10 });
    const uses = [1, 2, 3, 4].map(() => catalog.use('a')?.text);
    expect(uses).toEqual([undefined, undefined, 'a', 'a']);
    expect(catalog.size).toBe(1);
  });

  it('gives up what was used the longest ago', () => {
    const catalog = new StatementCatalog({ after: 1, max: 2 });
    const a = catalog.use('a');
    catalog.use('b');
    catalog.use('a');
    catalog.use('c');
    expect(catalog.size).toBe(2);
    expect(catalog.use('a')).toBe(a);
    expect(catalog.use('b')).not.toBe(undefined);
  });

  it('keeps nothing when it is turned off, and no text that is very long', () => {
    const off = new StatementCatalog({ after: 1, max: 0 });
    const long = new StatementCatalog({ after: 1, max: 5 });
    expect([off.use('a'), long.use('x'.repeat(30_000))]).toEqual([undefined, undefined]);
  });

  it('finds what is used often among any number of texts that are used once', () => {
    const catalog = new StatementCatalog({ after: 5, max: 4 });
    for (let n = 0; n < 10_000; n++) {
      catalog.use(`once ${n}`);
      if (n % 2 === 0) catalog.use('often');
    }
    expect(catalog.use('often')?.text).toBe('often');
    expect(catalog.size).toBe(1);
  });

  it('never keeps more than it may, whatever is used', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 30 }), { maxLength: 400 }),
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 6 }),
        (texts, after, max) => {
          const catalog = new StatementCatalog({ after, max });
          const seen = new Map<number, number>();
          for (const text of texts) {
            seen.set(text, (seen.get(text) ?? 0) + 1);
            const statement = catalog.use(String(text));
            if (statement !== undefined) {
              expect(statement.text).toBe(String(text));
              expect(seen.get(text)).toBeGreaterThanOrEqual(after);
            }
            expect(catalog.size).toBeLessThanOrEqual(max);
          }
        },
      ),
    );
  });
});

describe('what is prepared on a connection', () => {
  it('has names that are used once, so that none ever stands for two texts', () => {
    const statements = new PreparedStatements(connection(), 2);
    const [a, b] = ['a', 'b'].map((text) => ({ text, usedAt: 0 }));
    if (a === undefined || b === undefined) throw new Error('there are two');
    const names = [statements.of(a)?.name, statements.of(b)?.name];
    statements.outdate(a);
    names.push(statements.of(a)?.name);
    expect(new Set(names).size).toBe(3);
    for (const name of names) expect(name).toMatch(/^perf_\d+_[0-9a-f]{16}$/);
    expect(statements.takeObsolete()).toEqual([names[0]]);
    expect(statements.hasObsolete).toBe(false);
  });

  it('is bounded together with what waits to be deallocated, and pg forgets with it', () => {
    const target = connection();
    const statements = new PreparedStatements(target, 3);
    let prepared = 0;
    for (let n = 0; n < 20; n++) {
      const one = statements.of({ text: String(n), usedAt: n });
      if (one === undefined) continue;
      prepared++;
      target.parsedStatements[one.name] = String(n);
    }
    expect(prepared).toBe(6);
    expect(Object.keys(target.parsedStatements)).toHaveLength(3);
    expect(statements.takeObsolete()).toHaveLength(3);
    expect(statements.of({ text: 'next', usedAt: 99 })).not.toBe(undefined);
  });
});
