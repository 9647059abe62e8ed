import { beforeEach, describe, expect, it } from 'vitest';
import { Peer } from '../../src/bus/peer.ts';
import { GRACE, Peers, SILENCE } from '../../src/bus/peers.ts';

let peers: Peers;
/** Long after the arrival, so that whoever is unknown has begun since. */
beforeEach(() => {
  peers = new Peers();
  peers.begin(-SILENCE);
  peers.check(0);
});

describe('a publisher that is not known', () => {
  it('has missed nothing when it begins with its first number, or with none', () => {
    expect([peers.hear('a', 1, 0), peers.told('b', 0, 0), peers.size]).toEqual([true, true, 2]);
  });

  it('is a gap when it begins later', () => {
    expect([peers.hear('a', 2, 0), peers.told('b', 1, 0), peers.leave('c', 3, 0)]).toEqual([
      false,
      false,
      false,
    ]);
    expect(peers.check(SILENCE - 1)).toBe(true);
  });

  it('is no gap for who has just arrived, and one for all when everybody has had time to be heard', () => {
    peers.begin(0);
    expect([peers.hear('a', 7, 10), peers.told('b', 5, 10), peers.hear('a', 8, 20)]).toEqual([
      true,
      true,
      true,
    ]);
    peers.told('a', 8, 2000);
    peers.told('b', 5, 2000);
    expect([SILENCE - 1, SILENCE, SILENCE + 1].map((now) => peers.check(now))).toEqual([
      true,
      false,
      true,
    ]);
    expect(peers.hear('c', 2, SILENCE + 1)).toBe(false);
  });
});

describe('who has just arrived', () => {
  it('is trusted only until everybody has had time to be heard, although all who were heard still are', () => {
    peers.begin(0);
    peers.told('a', 7, SILENCE - 1);
    expect(peers.trustedUntil()).toBe(SILENCE);
    // However late it is looked for.
    peers.told('a', 7, SILENCE + 100);
    expect(peers.trustedUntil()).toBe(SILENCE);
    expect(peers.check(SILENCE + 200)).toBe(false);
    expect(peers.trustedUntil()).toBe(SILENCE + 100 + SILENCE);
  });
});

describe('a missing number', () => {
  it('is a gap once it has been missing for the grace, once', () => {
    peers.hear('a', 1, 0);
    peers.hear('a', 3, 100);
    expect([100, 100 + GRACE - 1, 100 + GRACE, 101 + GRACE].map((now) => peers.check(now))).toEqual(
      [true, true, false, true],
    );
    expect(peers.hear('a', 4, 400)).toBe(true);
  });

  it('is none when it comes within the grace, be it last or twice', () => {
    for (const number of [1, 4, 3, 3, 2, 4]) peers.hear('a', number, 0);
    peers.told('a', 4, 1000);
    expect(peers.check(1000 + GRACE)).toBe(true);
  });

  it('is told by a beat where nothing follows it', () => {
    peers.hear('a', 1, 0);
    peers.told('a', 2, 500);
    expect([500 + GRACE - 1, 500 + GRACE].map((now) => peers.check(now))).toEqual([true, false]);
    expect(peers.check(500 + 2 * GRACE)).toBe(true);
  });

  it('counts from when it was known to be missing, not from when an earlier one came at last', () => {
    peers.hear('a', 1, 0);
    peers.hear('a', 4, 0);
    peers.hear('a', 2, GRACE - 1);
    expect(peers.check(GRACE)).toBe(false);
  });

  it('counts from the first thing that told of it, be it a beat or what overtook it', () => {
    peers.hear('a', 1, 0);
    peers.told('a', 2, 0);
    peers.hear('a', 3, 100);
    peers.hear('b', 1, 0);
    peers.hear('b', 3, 0);
    peers.told('b', 3, 100);
    expect(peers.check(GRACE - 1)).toBe(true);
    expect(peers.check(GRACE)).toBe(false);
    expect(peers.check(GRACE + 100)).toBe(true);
  });

  it('of one that has said goodbye is a gap, and its silence is none', () => {
    peers.hear('a', 1, 0);
    expect(peers.leave('a', 2, 10)).toBe(true);
    expect(peers.check(10 + GRACE)).toBe(false);
    expect([peers.check(20 + GRACE), peers.size]).toEqual([true, 0]);
  });

  it('is a gap at once when more have overtaken it than are remembered', () => {
    peers.hear('a', 1, 0);
    const heard = Array.from({ length: 10_001 }, (_, index) => peers.hear('a', index + 3, 0));
    expect([heard.at(-2), heard.at(-1)]).toEqual([true, false]);
  });
});

describe('the silence of a publisher', () => {
  it('is a gap, once, and it is unknown then', () => {
    peers.told('a', 5, 0);
    expect(peers.trustedUntil()).toBe(SILENCE);
    expect([SILENCE - 1, SILENCE, SILENCE + 1].map((now) => peers.check(now))).toEqual([
      true,
      false,
      true,
    ]);
    expect([peers.size, peers.trustedUntil()]).toEqual([0, Infinity]);
    expect(peers.told('a', 5, SILENCE + 2)).toBe(false);
  });

  it('is none after a goodbye', () => {
    peers.told('a', 0, 0);
    peers.leave('a', 0, 1);
    expect(peers.trustedUntil()).toBe(Infinity);
    expect([peers.check(2), peers.size]).toEqual([true, 0]);
  });

  it('counts from the one that was heard longest ago', () => {
    peers.told('a', 0, 0);
    peers.told('b', 0, 100);
    peers.hear('a', 1, 200);
    expect(peers.trustedUntil()).toBe(100 + SILENCE);
  });
});

it('ten thousand publishers are followed; the one followed longest is unknown again then', () => {
  for (let index = 0; index <= 10_000; index++) peers.told(`${index}`, 0, 0);
  expect(peers.size).toBe(10_000);
  expect([peers.hear('1', 2, 0), peers.told('0', 3, 0)]).toEqual([true, false]);
});

it('the highest number of a publisher is the highest that it told or that was heard', () => {
  const peer = new Peer(3, 0);
  peer.hear(9, 0);
  peer.told(7, 0);
  expect(peer.highest).toBe(9);
  peer.told(11, 0);
  expect([peer.highest, peer.missingSince]).toEqual([11, 0]);
});
