import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readAddressSpace } from '../../src/signals/address-space.ts';

test.runIf(existsSync('/proc/self/status'))('the address space holds more than memory does', () => {
  const { virtual, data } = readAddressSpace();
  expect(virtual).toBeGreaterThan(process.memoryUsage.rss());
  expect(data).toBeGreaterThan(0);
});

test('where the system does not tell, it is not known', () => {
  expect(readAddressSpace('/nowhere')).toEqual({ virtual: Number.NaN, data: Number.NaN });
});
