import { describe, expect, test } from 'vitest';
import { judge, type Target } from '../../src/harness/target.ts';

const SPEED: Target = {
  id: 'mem-1',
  what: 'lru: get hit',
  peerName: 'lru-cache',
  unit: 'ns',
  judged: 'ratio',
  bound: 'at least',
  must: 1.05,
  reach: 1.25,
};
const SPACE: Target = { ...SPEED, unit: 'B', judged: 'ours', bound: 'at most', must: 66 };
const POINTS: Target = { ...SPEED, unit: '%', judged: 'difference', must: 7.5 };
const WITH_HITS: Target = { ...SPEED, mustHit: 80 };

test('a row has the fields of the targets, and what was held against the bar', () => {
  expect(judge(SPEED, { ours: 50, peer: 60, ratio: 1.19 })).toEqual({
    id: 'mem-1',
    what: 'lru: get hit',
    ours: 50,
    peer: 60,
    peerName: 'lru-cache',
    ratio: 1.19,
    must: 1.05,
    pass: true,
    unit: 'ns',
    judged: 'ratio',
    value: 1.19,
    bound: 'at least',
    reach: 1.25,
    hit: null,
    skipped: null,
  });
});

describe('what passes', () => {
  test.each([
    ['a ratio at the bar', SPEED, { ours: 1, peer: 1, ratio: 1.05 }, true],
    ['a ratio below it', SPEED, { ours: 1, peer: 1, ratio: 1.049 }, false],
    ['bytes at the bar', SPACE, { ours: 66 }, true],
    ['bytes above it', SPACE, { ours: 66.01, peer: 73 }, false],
    ['points above the peer', POINTS, { ours: 55, peer: 47 }, true],
    ['points too few', POINTS, { ours: 54, peer: 47 }, false],
    ['points above nobody', POINTS, { ours: 54 }, false],
    ['no number', SPACE, { ours: Number.NaN }, false],
    ['minus infinity', SPACE, { ours: Number.NEGATIVE_INFINITY }, false],
    ['speed with hits', WITH_HITS, { ours: 1, ratio: 2, hit: { ours: 80, peer: 72 } }, true],
    ['speed without hits', WITH_HITS, { ours: 1, ratio: 2, hit: { ours: 79.9, peer: 72 } }, false],
    ['hits without speed', WITH_HITS, { ours: 1, ratio: 1, hit: { ours: 81, peer: 72 } }, false],
    ['hits that were not counted', WITH_HITS, { ours: 1, ratio: 2 }, false],
  ])('%s', (_, target, figure, pass) => {
    expect(judge(target, figure).pass).toBe(pass);
  });
});

test('what was skipped has a reason, no figures, and passes as little as it fails', () => {
  expect(judge(WITH_HITS, { skipped: 'no trace' })).toMatchObject({
    pass: null,
    skipped: 'no trace',
    ours: null,
    peer: null,
    ratio: null,
    value: null,
    must: 1.05,
  });
});

test('the bar for the hit ratio stands beside the hit ratio', () => {
  const row = judge(WITH_HITS, { ours: 1, ratio: 2, hit: { ours: 81, peer: 72.5 } });
  expect(row.hit).toEqual({ ours: 81, peer: 72.5, must: 80 });
});
