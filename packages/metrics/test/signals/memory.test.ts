import { expect, test } from 'vitest';
import { readHeapLimit, readHeapSpaces, readHeapUsed } from '../../src/signals/memory.ts';

test('the heap is below its limit, and made of spaces', () => {
  expect(readHeapUsed()).toBeGreaterThan(0);
  expect(readHeapLimit()).toBeGreaterThan(readHeapUsed());
  const names = readHeapSpaces().map(({ name }) => name);
  expect(names).toContain('new');
  expect(names).toContain('old');
  for (const { size, used } of readHeapSpaces()) expect(used).toBeLessThanOrEqual(size);
});
