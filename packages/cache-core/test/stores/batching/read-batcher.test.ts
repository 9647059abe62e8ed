import { createDeferred, type Deferred } from '@perf/core';
import { settle } from '@perf/core/testing';
import { describe, expect, it } from 'vitest';
import type { StoredEntry } from '../../../src/index.ts';
import { ReadBatcher } from '../../../src/stores/batching/read-batcher.ts';

type Found = readonly (StoredEntry | undefined)[];

function entry(key: string): StoredEntry {
  return { bytes: Buffer.from(key) };
}

const same = <T>(answer: T): T => answer;

/** A batcher whose reads end when the test says so. */
function setup(): {
  batcher: ReadBatcher<StoredEntry | undefined>;
  reads: (readonly string[])[];
  replies: Deferred<Found>[];
} {
  const reads: (readonly string[])[] = [];
  const replies: Deferred<Found>[] = [];
  const batcher = new ReadBatcher<StoredEntry | undefined>((keys) => {
    reads.push(keys);
    const reply = createDeferred<Found>();
    replies.push(reply);
    return reply.promise;
  }, 1000);
  return { batcher, reads, replies };
}

describe('a read batcher', () => {
  it('sends a read that is alone at once', () => {
    const { batcher, reads } = setup();
    void batcher.get('a', same);
    expect(reads).toEqual([['a']]);
  });

  it('gathers what comes while another read is under way, asking for each key once', async () => {
    const { batcher, reads, replies } = setup();
    void batcher.get('x', same);
    const found = Promise.all(['a', 'b', 'b', 'c'].map((key) => batcher.get(key, same)));
    expect(reads).toHaveLength(1);
    await settle();
    expect(reads[1]).toEqual(['a', 'b', 'c']);
    replies[1]?.resolve([entry('a'), undefined, entry('c')]);
    expect(await found).toEqual([entry('a'), undefined, undefined, entry('c')]);
  });

  it('splits what was gathered into reads of at most so many keys', async () => {
    const { batcher, reads } = setup();
    void batcher.get('x', same);
    for (let index = 0; index < 2400; index++) void batcher.get(`k${index}`, same);
    await settle();
    expect(reads.slice(1).map((read) => read.length)).toEqual([1000, 1000, 400]);
  });

  it('tells an error to all who were gathered, and goes on', async () => {
    const { batcher, reads, replies } = setup();
    const first = batcher.get('x', same);
    const both = [batcher.get('a', same), batcher.get('b', same)];
    await settle();
    replies[1]?.reject(new Error('no'));
    for (const one of both) await expect(one).rejects.toThrow('no');
    replies[0]?.resolve([undefined]);
    await first;
    void batcher.get('c', same);
    expect(reads[2]).toEqual(['c']);
  });

  it('resolves to what is made of the answer, and fails the one caller for whom that throws', async () => {
    const { batcher, replies } = setup();
    void batcher.get('x', same);
    const length = batcher.get('a', (found) => found?.bytes.length);
    const failing = batcher.get('a', () => {
      throw new Error('mine');
    });
    const also = batcher.get('b', (found) => found === undefined);
    await settle();
    replies[1]?.resolve([entry('a'), undefined]);
    await expect(failing).rejects.toThrow('mine');
    expect(await Promise.all([length, also])).toEqual([1, true]);
  });
});
