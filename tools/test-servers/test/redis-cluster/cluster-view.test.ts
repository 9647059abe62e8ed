import { expect, test } from 'vitest';
import {
  ownerOf,
  ownersBySlot,
  parseClusterNodes,
  shareSlots,
  SLOTS,
  whatIsMissing,
} from '../../src/redis-cluster/cluster-view.ts';

const REPLY = `
aaa 127.0.0.1:7001@17001,host master - 0 1 2 connected 5461-10921 16000
bbb 127.0.0.1:7002@17002 slave ccc 0 1 1 connected
ccc 127.0.0.1:7003@17003 myself,master - 0 0 1 connected 0-5460 10922-15999 16001-16383 [93-<-aaa]
ddd :0@0 master,noaddr - 1 1 0 disconnected
`;

test('a reply is read: addresses, roles, ranges, and without slots on their way', () => {
  expect(parseClusterNodes(REPLY)).toEqual([
    {
      id: 'aaa',
      port: 7001,
      flags: new Set(['master']),
      masterId: undefined,
      connected: true,
      slots: [
        [5461, 10921],
        [16000, 16000],
      ],
    },
    expect.objectContaining({ id: 'bbb', port: 7002, masterId: 'ccc', slots: [] }),
    expect.objectContaining({ flags: new Set(['myself', 'master']), slots: expect.any(Array) }),
    expect.objectContaining({ id: 'ddd', port: 0, connected: false }),
  ]);
});

test('owners come in the order of their slots, and a slot has one', () => {
  const view = parseClusterNodes(REPLY);
  expect(ownersBySlot(view).map(({ id }) => id)).toEqual(['ccc', 'aaa']);
  expect([0, 5461, 16000, 16001].map((slot) => ownerOf(view, slot)?.id)).toEqual([
    'ccc',
    'aaa',
    'aaa',
    'ccc',
  ]);
  expect(ownerOf(view, SLOTS)).toBe(undefined);
});

test('slots are shared without gap or overlap, as evenly as can be', () => {
  for (let masters = 1; masters <= 50; masters++) {
    const ranges = shareSlots(masters);
    expect([ranges[0]?.[0], ranges.at(-1)?.[1]]).toEqual([0, SLOTS - 1]);
    const sizes = ranges.map(([first, last]) => last - first + 1);
    expect(sizes.reduce((sum, size) => sum + size)).toBe(SLOTS);
    expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
  }
});

const GOOD = `
aaa 127.0.0.1:1@11 master - 0 1 1 connected 0-16383
bbb 127.0.0.1:2@12 slave aaa 0 1 1 connected`;

test.each([
  ['a node that is not known', GOOD.replace('127.0.0.1:2', '127.0.0.1:9'), 'does not know node 2'],
  ['a node that is being met', GOOD.replace('slave', 'slave,handshake'), 'node 2 as handshake'],
  ['a node that failed', GOOD.replace('slave', 'slave,fail'), 'node 2 as fail'],
  ['a node without a link', GOOD.replace(/connected$/, 'disconnected'), 'not connected to node 2'],
  ['a slot that nobody serves', GOOD.replace('0-16383', '1-16383'), 'owners of 16383 slots'],
  ['two that see other masters', GOOD.replace('slave aaa', 'slave zzz'), 'sees other roles'],
])('%s is missing', (_name, other, reason) => {
  const views = new Map([
    [1, parseClusterNodes(GOOD)],
    [2, parseClusterNodes(other)],
  ]);
  expect(whatIsMissing(views)).toContain(reason);
});

test('a master that is down is missing, a replica that is down is not', () => {
  const view = parseClusterNodes(GOOD);
  expect(whatIsMissing(new Map([[2, view]]))).toMatch(/leaves slots to node 1, which is down/);
  expect(whatIsMissing(new Map([[1, view]]))).toBe(undefined);
  expect(
    whatIsMissing(
      new Map([
        [1, view],
        [2, view],
      ]),
    ),
  ).toBe(undefined);
});
