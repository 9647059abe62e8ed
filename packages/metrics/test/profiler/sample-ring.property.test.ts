import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SampleRing } from '../../src/profiler/sample-ring.ts';
import { SAMPLE_FIELDS, sampleAt, toSamples, type Sample } from '../../src/profiler/sample.ts';

function sample(time: number): Sample {
  return Object.fromEntries(
    SAMPLE_FIELDS.map((field, at) => [field, field === 'time' ? time : time * 100 + at]),
  ) as unknown as Sample;
}

test('the ring holds what a list does that drops its oldest', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 150 }),
      fc.integer({ min: 0, max: 250 }),
      fc.integer({ min: 0, max: 200 }),
      (max, count, asked) => {
        const ring = new SampleRing(max);
        const model: Sample[] = [];
        for (let time = 0; time < count; time++) {
          ring.add(sample(time));
          model.push(sample(time));
          if (model.length > max) model.shift();
        }
        expect(ring.length).toBe(model.length);
        expect(ring.read()).toEqual(toSamples(model));
        expect(ring.read(asked)).toEqual(toSamples(asked === 0 ? [] : model.slice(-asked)));
        const since = count - asked;
        expect(ring.countSince(since)).toBe(model.filter(({ time }) => time >= since).length);
        expect(sampleAt(ring.read(), -1)).toEqual(model.at(-1));
        expect(sampleAt(ring.read(), 0)).toEqual(model[0]);
        expect(sampleAt(ring.read(), model.length)).toBeUndefined();
        expect(sampleAt(ring.read(), -model.length - 1)).toBeUndefined();
      },
    ),
    { numRuns: 40 },
  );
});

test('what was read does not change when more is added', () => {
  const ring = new SampleRing(2);
  ring.add(sample(1));
  const before = ring.read();
  ring.add(sample(2));
  ring.add(sample(3));
  expect(before).toEqual(toSamples([sample(1)]));
});
