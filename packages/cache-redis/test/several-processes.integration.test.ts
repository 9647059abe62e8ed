import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildPrograms, type Peer, type Programs } from './fixtures/programs.ts';
import { noRedis, useRedis } from './fixtures/redis.ts';
import { CALL, freshPrefix, getText, useStores } from './fixtures/stores.ts';

const PROCESSES = 4;

describe.skipIf(noRedis)('several processes on one Redis', () => {
  const redis = useRedis();
  const stores = useStores();
  let programs: Programs | undefined;
  beforeAll(async () => {
    programs = await buildPrograms();
  });
  afterAll(() => programs?.remove());

  function startPeers(prefix: string): Promise<readonly Peer[]> {
    return Promise.all(
      Array.from(
        { length: PROCESSES },
        () => programs?.startPeer(redis.server.url, prefix) as Promise<Peer>,
      ),
    );
  }

  it('contend for tickets: each key has exactly one holder, who alone can fill it', async () => {
    const prefix = freshPrefix();
    const store = stores.open({ url: redis.server.url, prefix });
    const peers = await startPeers(prefix);
    const keys = Array.from({ length: 300 }, (_, n) => `key ${n}`);
    const won = (await Promise.all(
      peers.map((peer, n) => peer.ask('race', keys, `of ${n}`)),
    )) as string[][];
    expect(won.flat().toSorted()).toEqual(keys.toSorted());
    // Some are displaced while all fill all.
    const displaced = keys.slice(0, 50);
    await store.deleteMany(displaced, CALL);
    const filled = (await Promise.all(
      peers.map((peer, n) => peer.ask('fill', keys, `of ${n}`)),
    )) as string[][];
    for (const [n, ofPeer] of filled.entries()) {
      expect(ofPeer).toEqual(won[n]?.filter((key) => !displaced.includes(key)) ?? []);
      for (const key of ofPeer.slice(0, 5)) expect(await getText(store, key)).toBe(`of ${n}`);
    }
    expect(await store.deleteMany(displaced, CALL)).toBe(0);
    await Promise.all(peers.map((peer) => peer.kill()));
  });

  it('make one ledger, and bump it in one chain of numbers', async () => {
    const peers = await startPeers(freshPrefix());
    const bumps = (
      (await Promise.all(peers.map((peer, n) => peer.ask('bump', 200, `${n}`)))) as [
        id: string,
        prev: number,
        seq: number,
      ][][]
    ).flat();
    expect(new Set(bumps.map(([id]) => id)).size).toBe(1);
    const chain = bumps.toSorted(([, , a], [, , b]) => a - b);
    expect(chain.map(([, prev]) => prev)).toEqual([
      0,
      ...chain.slice(0, -1).map(([, , seq]) => seq),
    ]);
    await Promise.all(peers.map((peer) => peer.kill()));
  });
});
