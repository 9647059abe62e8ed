import { getHeapStatistics } from 'node:v8';
import { expect, test } from 'vitest';
import { readHeapLimit, statedOldSpace } from '../../src/signals/heap-limit.ts';

test('the limit is at most that of V8', () => {
  expect(readHeapLimit()).toBeGreaterThan(0);
  expect(readHeapLimit()).toBeLessThanOrEqual(getHeapStatistics().heap_size_limit);
});

test.each([
  [[], undefined, undefined],
  [['--expose-gc'], '--no-warnings', undefined],
  [['--max-old-space-size=64'], undefined, 64],
  [['--max_old_space_size=64'], '--max-old-space-size=128', 64],
  [[], '--no-warnings  --max-old-space-size=128', 128],
  [['--max-old-space-size=64', '--max-old-space-size=96'], '', 96],
  [['--max-old-space-size=0'], undefined, undefined],
  [['--max-old-space-size=much'], undefined, undefined],
])('%j and NODE_OPTIONS %j state %s megabytes', (execArgv, nodeOptions, expected) => {
  expect(statedOldSpace(execArgv, nodeOptions)).toBe(expected);
});
