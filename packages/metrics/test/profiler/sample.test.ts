import { expect, test } from 'vitest';
import { SAMPLE_FIELDS, sampleAt, toSamples } from '../../src/profiler/sample.ts';

test('what a sample does not tell is NaN', () => {
  const samples = toSamples([{ time: 1, rss: 5 }, { time: 2 }]);
  expect(samples.length).toBe(2);
  expect(sampleAt(samples, 0)).toMatchObject({ time: 1, rss: 5, cpuShare: Number.NaN });
  expect(Object.keys(sampleAt(samples, 1) ?? {})).toEqual([...SAMPLE_FIELDS]);
});

test('samples can be sent to another thread', () => {
  const samples = toSamples([{ time: 1, rss: 5 }]);
  expect(structuredClone(samples)).toEqual(samples);
});

test('an index that is no number of a sample has none', () => {
  const samples = toSamples([{ time: 1 }]);
  for (const index of [1, -2, Number.NaN, Infinity])
    expect(sampleAt(samples, index)).toBeUndefined();
});
