import { expect, test } from 'vitest';
import { readHeapSpaces, readHeapUsed } from '../../src/signals/memory.ts';

test('the heap is made of spaces', () => {
  expect(readHeapUsed()).toBeGreaterThan(0);
  const names = readHeapSpaces().map(({ name }) => name);
  expect(names).toContain('new');
  expect(names).toContain('old');
  for (const { size, used } of readHeapSpaces()) expect(used).toBeLessThanOrEqual(size);
});
