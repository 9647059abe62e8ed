import { readdirSync, writeFileSync } from 'node:fs';
import { StoreUnavailableError } from '@perf/cache-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { driverIsMissing, openRaw } from './fixtures/driver.ts';
import { buildPrograms, type Peer, type Programs } from './fixtures/programs.ts';
import { CALL, getText, setText, useTempFolder } from './fixtures/temp-folder.ts';

const START = { seq: 0, drop: 0 };

/** Asks again when the file was locked for too long: what is refused so has not been applied. */
async function askUntilFree(peer: Peer, ...command: Parameters<Peer['ask']>): Promise<unknown> {
  for (let left = 100; ; left--) {
    try {
      return await peer.ask(...command);
    } catch (error) {
      if (left === 0) throw error;
    }
  }
}

describe.skipIf(driverIsMissing)('several processes on one file', () => {
  const temp = useTempFolder();
  let programs: Programs | undefined;

  beforeAll(async () => {
    programs = await buildPrograms();
  });
  afterAll(() => programs?.remove());

  async function startPeers(count: number): Promise<readonly Peer[]> {
    const file = temp.at('cache.db');
    return Promise.all(
      Array.from({ length: count }, () => programs?.startPeer(file) as Promise<Peer>),
    );
  }
  async function startPeer(): Promise<Peer> {
    const [peer] = await startPeers(1);
    if (peer === undefined) throw new Error('no peer');
    return peer;
  }

  it('create it at once and agree on one ledger', async () => {
    const peers = await startPeers(4);
    const deltas = await Promise.all(peers.map((peer) => peer.ask('delta', 0, 0)));
    expect(new Set(deltas.map((delta) => (delta as { id: string }).id)).size).toBe(1);
    await Promise.all(peers.map((peer) => peer.stop()));
  });

  it('see what one of them wrote, deleted and cleared', async () => {
    const store = temp.open();
    const peer = await startPeer();
    await setText(store, 'a', '1');
    expect(await peer.ask('get', 'a')).toBe('1');
    await peer.ask('set', 'b', '2');
    expect(await getText(store, 'b')).toBe('2');
    await peer.ask('delete', 'a');
    expect(await getText(store, 'a')).toBeUndefined();
    await peer.ask('clear');
    expect(await getText(store, 'b')).toBeUndefined();
    await peer.stop();
  });

  it('contend for tickets, and each has exactly one holder', async () => {
    const peers = await startPeers(3);
    const keys = Array.from({ length: 100 }, (_, n) => `key ${n}`);
    const replies = await Promise.all(
      peers.map((peer, index) =>
        Promise.all(keys.map((key) => askUntilFree(peer, 'ticket', key, `of ${index}`))),
      ),
    );
    for (const [n, key] of keys.entries()) {
      const kinds = replies.map((ofPeer) => (ofPeer[n] as { kind: string }).kind);
      expect(
        kinds.filter((kind) => kind === 'mine'),
        key,
      ).toHaveLength(1);
    }
    const fills = await Promise.all(
      peers.map((peer, index) =>
        Promise.all(
          keys.map((key) => askUntilFree(peer, 'fill', key, `by ${index}`, `of ${index}`)),
        ),
      ),
    );
    expect(fills.flat().filter((result) => result === 'stored')).toHaveLength(keys.length);
    await Promise.all(peers.map((peer) => peer.stop()));
  });

  it("hear of each other's writes and bumps, and not of their own", async () => {
    const store = temp.open();
    const peer = await startPeer();
    const { drop } = await store.fencing.delta(START, CALL);
    await setText(store, 'mine', '1');
    await peer.ask('set', 'theirs', '2');
    await peer.ask('bump', 'tag');
    const delta = await store.fencing.delta({ seq: 0, drop }, CALL);
    expect(delta).toMatchObject({
      drops: ['theirs'],
      facts: [{ kind: 'tag', name: 'tag', seq: delta.seq }],
      gap: false,
    });
    const again = await store.fencing.delta({ seq: delta.seq, drop: delta.drop }, CALL);
    expect(again).toMatchObject({ drops: [], facts: [], gap: false, complete: true });
    await peer.ask('clear');
    expect(await store.fencing.delta(again, CALL)).toMatchObject({ gap: true });
    await peer.stop();
  });

  it('are not confused by one that is killed in the middle of a transaction', async () => {
    const store = temp.open();
    await setText(store, 'a', 'whole');
    const before = await store.health(CALL);
    const peer = await startPeer();
    await peer.ask('leaveOpen', 'a');
    expect(await getText(store, 'a')).toBe('whole');
    await expect(setText(store, 'b', '1')).rejects.toBeInstanceOf(StoreUnavailableError);
    await peer.kill();
    expect(await getText(store, 'a')).toBe('whole');
    expect(await getText(store, 'half 0')).toBeUndefined();
    expect(await store.health(CALL)).toEqual(before);
    expect(await setText(store, 'b', '1')).toBe('stored');
    const fresh = temp.open();
    expect(await getText(fresh, 'a')).toBe('whole');
  });

  it('while one holds the lock, reject writes, serve reads, and go on afterwards', async () => {
    const store = temp.open();
    await setText(store, 'a', '1');
    const peer = await startPeer();
    await peer.ask('lock');
    let turns = 0;
    let counting = true;
    const count = (): void => {
      turns++;
      if (counting) setImmediate(count);
    };
    setImmediate(count);
    const writes = Array.from({ length: 20 }, (_, n) => setText(store, `b ${n}`, '2'));
    const outcomes = await Promise.allSettled(writes);
    expect(outcomes.every(({ status }) => status === 'rejected')).toBe(true);
    expect(await getText(store, 'a')).toBe('1');
    await new Promise(setImmediate);
    counting = false;
    expect(turns).toBeGreaterThan(0);
    await peer.ask('unlock');
    expect(await setText(store, 'b', '2')).toBe('stored');
    await peer.stop();
  });

  it('frozen by SIGSTOP with the lock, one stops nobody from reading', async () => {
    const store = temp.open();
    await setText(store, 'a', '1');
    const peer = await startPeer();
    await peer.ask('lock');
    peer.child.kill('SIGSTOP');
    await expect(setText(store, 'a', '2')).rejects.toBeInstanceOf(StoreUnavailableError);
    expect(await getText(store, 'a')).toBe('1');
    peer.child.kill('SIGCONT');
    await peer.kill();
    expect(await setText(store, 'a', '2')).toBe('stored');
  });

  it('all move to the new file when one of them sets a damaged one aside', async () => {
    const store = temp.open();
    await setText(store, 'a', '1');
    const peer = await startPeer();
    expect(await peer.ask('get', 'a')).toBe('1');
    // What a failing disk does: a page of the file is overwritten under everybody.
    const raw = openRaw(temp.at('cache.db'));
    raw.pragma('wal_checkpoint(TRUNCATE)');
    raw.close();
    await peer.kill();
    await store.close();
    writeFileSync(temp.at('cache.db'), Buffer.alloc(20_000, 0x77));
    const peers = await startPeers(2);
    const results = await Promise.all(peers.map((one, n) => one.ask('set', `by ${n}`, '1')));
    expect(results).toEqual([['stored'], ['stored']]);
    await peers[0]?.ask('delete', 'by 1');
    await peers[0]?.ask('set', 'last', '1');
    expect(await peers[1]?.ask('get', 'last')).toBe('1');
    expect(await peers[1]?.ask('get', 'by 1')).toBeUndefined();
    expect(readdirSync(temp.at('.')).some((name) => name.includes('.corrupt-'))).toBe(true);
    await Promise.all(peers.map((one) => one.stop()));
  });

  it('keep the bounds and the counters together', async () => {
    const peers = await startPeers(3);
    await Promise.all(
      peers.map(async (peer, index) => {
        for (let n = 0; n < 50; n++) {
          // On a machine that is busy enough, a lock may be held too long: no harm.
          await peer
            .ask('set', `${index} ${n % 10}`, 'x'.repeat(n), n % 3 === 0 ? 1 : Infinity)
            .catch(() => {});
          if (n % 7 === 0) await peer.ask('delete', `${index} ${n % 10}`).catch(() => {});
        }
      }),
    );
    await Promise.all(peers.map((peer) => peer.ask('close')));
    const store = temp.open();
    const health = await store.health(CALL);
    await store.close();
    const raw = openRaw(temp.at('cache.db'), { readonly: true });
    const row = raw.prepare('SELECT count(*) AS entries, sum(size) AS bytes FROM entries').get();
    raw.close();
    expect(health).toEqual({ healthy: true, ...(row as object) });
    await Promise.all(peers.map((peer) => peer.stop()));
  });
});
