import { createDeferred, type Deferred } from '@perf/core';
import { settle } from '@perf/core/testing';
import { describe, expect, it } from 'vitest';
import type { StoredEntry } from '../../src/index.ts';
import { ReadBatcher } from '../../src/stores/read-batcher.ts';

type Found = readonly (StoredEntry | undefined)[];

function entry(key: string): StoredEntry {
  return { bytes: Buffer.from(key) };
}

/** A batcher whose reads end when the test says so. */
function setup(): {
  batcher: ReadBatcher<StoredEntry>;
  reads: (readonly string[])[];
  replies: Deferred<Found>[];
} {
  const reads: (readonly string[])[] = [];
  const replies: Deferred<Found>[] = [];
  const batcher = new ReadBatcher<StoredEntry>((keys) => {
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
    void batcher.getMany(['a']);
    expect(reads).toEqual([['a']]);
  });

  it('gathers what comes while another read is under way, asking for each key once', async () => {
    const { batcher, reads, replies } = setup();
    void batcher.getMany(['x']);
    const one = batcher.getMany(['a', 'b']);
    const two = batcher.getMany(['b', 'c']);
    expect(reads).toHaveLength(1);
    await settle();
    expect(reads[1]).toEqual(['a', 'b', 'c']);
    replies[1]?.resolve([entry('a'), undefined, entry('c')]);
    expect(await one).toEqual([entry('a'), undefined]);
    expect(await two).toEqual([undefined, entry('c')]);
  });

  it('splits what was gathered into reads of at most so many keys', async () => {
    const { batcher, reads } = setup();
    void batcher.getMany(['x']);
    const keys = (from: number, count: number): string[] =>
      Array.from({ length: count }, (_, index) => `k${from + index}`);
    for (const part of [0, 1, 2]) void batcher.getMany(keys(part * 600, 600));
    void batcher.getMany(keys(5000, 400));
    await settle();
    expect(reads.slice(1).map((read) => read.length)).toEqual([600, 600, 1000]);
  });

  it('sends a read that is large already at once', () => {
    const { batcher, reads } = setup();
    void batcher.getMany(['x']);
    void batcher.getMany(Array.from({ length: 1000 }, (_, index) => `k${index}`));
    expect(reads).toHaveLength(2);
  });

  it('tells an error to all who were gathered, and goes on', async () => {
    const { batcher, reads, replies } = setup();
    const first = batcher.getMany(['x']);
    const both = [batcher.getMany(['a']), batcher.getMany(['b'])];
    await settle();
    replies[1]?.reject(new Error('no'));
    for (const one of both) await expect(one).rejects.toThrow('no');
    replies[0]?.resolve([undefined]);
    await first;
    void batcher.getMany(['c']);
    expect(reads[2]).toEqual(['c']);
  });
});
