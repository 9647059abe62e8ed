import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createRegistry } from '../../src/index.ts';
import { readText } from '../fixtures/read-text.ts';

test('any label value is read back as it was, but for halves of characters', async () => {
  const value = fc.oneof(
    fc.array(fc.integer({ min: 0, max: 0xffff })).map((codes) => String.fromCharCode(...codes)),
    fc.string({ unit: fc.constantFrom('"', '\\', '\n', 'n', '}', '{', ',', '=', ' ', '\uD800') }),
  );
  const pairs = fc.uniqueArray(fc.tuple(value, value), {
    maxLength: 5,
    selector: (pair) => JSON.stringify(pair.map((one) => one.toWellFormed())),
  });
  await fc.assert(
    fc.asyncProperty(pairs, async (series) => {
      const registry = createRegistry();
      const counter = registry.counter({ name: 'c_total', labels: ['a', 'b'] });
      for (const [a, b] of series) counter.inc({ a, b });
      const lines = readText(await registry.expose().text());
      expect(lines.map(({ labels }) => labels)).toEqual(
        series.map(([a, b]) => ({ a: a.toWellFormed(), b: b.toWellFormed() })),
      );
    }),
    { numRuns: 50 },
  );
});

test('any number is read back as it was', async () => {
  const number = fc.oneof(
    fc.double(),
    fc.constantFrom(Number.NaN, Infinity, -Infinity, -0, 5e-324),
  );
  await fc.assert(
    fc.asyncProperty(number, async (value) => {
      const registry = createRegistry();
      registry.gauge({ name: 'g' }).set(value);
      const [line] = readText(await registry.expose().text());
      expect(line?.value).toBe(Object.is(value, -0) ? 0 : value);
    }),
    { numRuns: 50 },
  );
});

test('buckets never fall from one bound to the next, nor from one scrape to the next, and hold what is at their bound', async () => {
  const bounds = [0, 0.005, 0.1, 0.3, 1, 5, 250];
  const observation = fc.oneof(
    fc.double({ min: 0, max: 300, noNaN: true }),
    fc.constantFrom(...bounds),
  );
  const rounds = fc.array(fc.array(observation, { maxLength: 20 }), { maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(rounds, async (observations) => {
      const registry = createRegistry();
      const histogram = registry.histogram({ name: 'h', buckets: bounds });
      const seen: number[] = [];
      let before = bounds.map(() => 0);
      for (const round of observations) {
        for (const value of round) histogram.observe(value);
        seen.push(...round);
        const lines = readText(await registry.expose().text());
        const buckets = lines.filter(({ name }) => name === 'h_bucket');
        const counts = buckets.map(({ value }) => value);
        expect(counts).toEqual(counts.toSorted((a, b) => a - b));
        expect(counts.at(-1)).toBe(seen.length);
        bounds.forEach((bound, at) => {
          const count = counts[at] ?? 0;
          expect(count).toBeGreaterThanOrEqual(before[at] ?? 0);
          expect(count).toBeGreaterThanOrEqual(seen.filter((value) => value <= bound).length);
          expect(count).toBeLessThanOrEqual(
            seen.filter((value) => value <= bound * 1.022 || value < 2 ** -64).length,
          );
        });
        before = counts;
      }
    }),
    { numRuns: 25 },
  );
});
