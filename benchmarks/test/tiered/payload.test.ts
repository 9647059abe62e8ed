import { expect, test } from 'vitest';
import { recordOf } from '../../src/tiered/payload.ts';

test('a record has the number of bytes that was asked for, as JSON', () => {
  for (const index of [0, 1, 12_345]) {
    expect(Buffer.byteLength(JSON.stringify(recordOf(index, 1000)))).toBe(1000);
  }
});
