import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { describeSelf, hasEnded } from '../../src/lifecycle/owner.ts';

test('this process has not ended', () => {
  expect(hasEnded(describeSelf())).toBe(false);
});

test('a process that exited has ended', () => {
  const { pid } = spawnSync('true');
  expect(hasEnded({ ...describeSelf(), pid })).toBe(true);
});

test.runIf(process.platform === 'linux')(
  'an owner whose number was given to a later process has ended',
  () => {
    expect(hasEnded({ ...describeSelf(), started: '1' })).toBe(true);
  },
);

test('nothing is claimed about a process of another container', () => {
  const { pid } = spawnSync('true');
  expect(hasEnded({ ...describeSelf(), pid, namespace: 'pid:[1]' })).toBe(false);
});
