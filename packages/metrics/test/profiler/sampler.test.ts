import { ManualClock } from '@perf/core/testing';
import { expect, test } from 'vitest';
import { Sampler, type SampleReaders } from '../../src/profiler/sampler.ts';
import type { Sample } from '../../src/profiler/sample.ts';

/** Readers that note when they are read, and of how much time. */
function noted(): { readers: SampleReaders; reads: string[]; closed: string[] } {
  const reads: string[] = [];
  const closed: string[] = [];
  let slowReads = 0;
  return {
    reads,
    closed,
    readers: {
      fast: [
        {
          read: (_, elapsed) => void reads.push(`fast ${elapsed}`),
          close: () => void closed.push('fast'),
        },
      ],
      slow: [
        {
          read: (draft, elapsed) => {
            reads.push(`slow ${elapsed}`);
            draft.diskRead = ++slowReads;
          },
        },
      ],
    },
  };
}

test('what costs a file is read once a second, and repeated in between', () => {
  const clock = new ManualClock();
  const { readers, reads } = noted();
  const disk: number[] = [];
  const sampler = new Sampler(
    clock,
    500,
    () => readers,
    ({ diskRead }: Sample) => {
      disk.push(diskRead);
    },
  );
  sampler.start();
  clock.advance(2500);
  expect(disk).toEqual([Number.NaN, 1, 1, 2, 2]);
  expect(reads.filter((one) => one.startsWith('slow'))).toEqual(['slow 1000', 'slow 1000']);
  expect(reads.filter((one) => one.startsWith('fast'))).toHaveLength(5);
  sampler.stop();
});

test('with an interval of more than a second everything is read each time', () => {
  const clock = new ManualClock();
  const { readers, reads } = noted();
  const sampler = new Sampler(
    clock,
    5000,
    () => readers,
    () => undefined,
  );
  sampler.start();
  clock.advance(10_000);
  expect(reads).toEqual(['fast 5000', 'slow 5000', 'fast 5000', 'slow 5000']);
  sampler.stop();
});

test('readers are made at each start and closed at each stop, and nothing of before is repeated', () => {
  const clock = new ManualClock();
  const made: ReturnType<typeof noted>[] = [];
  const disk: number[] = [];
  const sampler = new Sampler(
    clock,
    1000,
    () => {
      made.push(noted());
      return (made.at(-1) as ReturnType<typeof noted>).readers;
    },
    ({ diskRead }) => disk.push(diskRead),
  );
  sampler.start();
  clock.advance(1000);
  sampler.stop();
  clock.advance(10_000);
  sampler.start();
  clock.advance(1000);
  sampler.stop();
  expect(made.map(({ closed }) => closed)).toEqual([['fast'], ['fast']]);
  expect(made.map(({ reads }) => reads)).toEqual([
    ['fast 1000', 'slow 1000'],
    ['fast 1000', 'slow 1000'],
  ]);
  expect(disk).toEqual([1, 1]);
  expect(clock.pendingTimers).toBe(0);
});

test('only where a reader listens does the timer run more often than samples are taken', () => {
  const clock = new ManualClock();
  const beats: number[] = [];
  const quiet = new Sampler(
    clock,
    1000,
    () => noted().readers,
    () => undefined,
  );
  quiet.start();
  clock.advance(999);
  expect(clock.pendingTimers).toBe(1);
  quiet.stop();
  const listening: SampleReaders = {
    fast: [{ read: () => undefined, beat: (lateness) => void beats.push(lateness) }],
    slow: [],
  };
  const sampler = new Sampler(
    clock,
    1000,
    () => listening,
    () => undefined,
  );
  sampler.start();
  clock.advance(1001);
  // Every 20 ms of a busy loop, every 100 ms of an idle one.
  expect(beats.length).toBeGreaterThanOrEqual(10);
  expect(beats.length).toBeLessThanOrEqual(51);
  sampler.stop();
});
