import { expect, test } from 'vitest';
import { estimateEntryBytes } from '../../../src/memory/entries/estimate-bytes.ts';

/** What a value adds to an entry. */
function bytesOf(value: unknown): number {
  return estimateEntryBytes(value, '') - estimateEntryBytes(null, '');
}

test('every entry counts its place in the cache', () => {
  expect(estimateEntryBytes(null, 1)).toBe(88);
});

test('strings count one byte a character, or two where one is beyond Latin-1', () => {
  expect(bytesOf('x'.repeat(1000))).toBe(1016);
  expect(bytesOf('ü'.repeat(1000))).toBe(1016);
  expect(bytesOf('語'.repeat(1000))).toBe(2016);
  expect(bytesOf('x'.repeat(10_000))).toBe(10_016);
  expect(bytesOf('x'.repeat(9999) + '語')).toBe(20_016);
});

test('the key counts too', () => {
  expect(estimateEntryBytes(null, 'k'.repeat(1_000_000))).toBeGreaterThan(1_000_000);
});

test('binary data counts its length', () => {
  for (const data of [Buffer.alloc(5000), new Float64Array(625), new ArrayBuffer(5000)]) {
    expect(bytesOf(data)).toBeGreaterThanOrEqual(5000);
    expect(bytesOf(data)).toBeLessThan(5200);
  }
});

test('collections count their members, large ones by a sample', () => {
  const members = Array.from({ length: 10_000 }, (_, i) => `member number ${i}`);
  const plain = bytesOf(members);
  expect(plain).toBeGreaterThan(10_000 * 30);
  expect(plain).toBeLessThan(10_000 * 50);
  expect(bytesOf(new Set(members))).toBeGreaterThan(plain);
  expect(bytesOf(new Map(members.map((one) => [one, one])))).toBeGreaterThan(2 * plain - 100_000);
  expect(bytesOf([...members.keys(), 'x'.repeat(100), ...members])).toBeGreaterThan(plain);
  expect(bytesOf(Object.fromEntries(members.map((one) => [one, one])))).toBeGreaterThan(plain);
});

test('what is reachable by several paths counts once, and cycles end', () => {
  const shared = 'x'.repeat(10);
  const big = { text: 'x'.repeat(100_000) };
  expect(bytesOf([big, big, big])).toBeLessThan(101_000);
  const cycle: { self?: unknown; shared: string } = { shared };
  cycle.self = cycle;
  expect(bytesOf(cycle)).toBeLessThan(200);
});

test('a huge graph is not walked in full', () => {
  let visited = 0;
  const node = (): unknown =>
    new Proxy(
      {},
      {
        ownKeys: () => {
          visited++;
          return ['a', 'b'];
        },
        getOwnPropertyDescriptor: () => ({
          value: node(),
          enumerable: true,
          configurable: true,
        }),
      },
    );
  expect(bytesOf(node())).toBeGreaterThan(1000);
  expect(visited).toBeLessThan(1000);
});

test('a deep chain does not overflow the stack', () => {
  let chain: unknown = null;
  for (let i = 0; i < 100_000; i++) chain = [chain];
  expect(bytesOf(chain)).toBeGreaterThan(100);
});

test('accessors are not called', () => {
  expect(
    bytesOf({
      get trap(): never {
        throw new Error('called');
      },
    }),
  ).toBeGreaterThan(0);
});

test('small values of every type have an estimate', () => {
  for (const value of [
    undefined,
    null,
    true,
    1,
    1.5,
    10n ** 50n,
    Symbol('s'),
    () => 1,
    new Date(),
    /x/,
  ]) {
    expect(bytesOf(value)).toBeGreaterThanOrEqual(0);
    expect(bytesOf(value)).toBeLessThan(250);
  }
});
