import { expect, test } from 'vitest';
import { runConcurrently } from '../../src/harness/run-concurrently.ts';

test('each index is done once, and never more than so many at a time', async () => {
  const done: number[] = [];
  let underWay = 0;
  let most = 0;
  await runConcurrently(3, 10, async (index) => {
    most = Math.max(most, ++underWay);
    await Promise.resolve();
    underWay--;
    done.push(index);
  });
  expect(done.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(most).toBe(3);
});

test('a lane goes on while another waits', async () => {
  let goOn: () => void = () => undefined;
  const first = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  const done: number[] = [];
  const all = runConcurrently(2, 4, async (index) => {
    if (index === 0) await first;
    done.push(index);
    if (index === 3) goOn();
  });
  await all;
  expect(done).toEqual([1, 2, 3, 0]);
});
