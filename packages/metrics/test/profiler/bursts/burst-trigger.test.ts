import { expect, test, vi } from 'vitest';
import { burstSettings } from '../../../src/profiler/bursts/burst-options.ts';
import { BurstTrigger } from '../../../src/profiler/bursts/burst-trigger.ts';
import { sampleAt, toSamples, type Sample } from '../../../src/profiler/sample.ts';

const busy = sampleAt(toSamples([{ loopUtilization: 0.95 }]), 0) as Sample;
const idle = sampleAt(toSamples([{ loopUtilization: 0.5 }]), 0) as Sample;

function trigger(options: Parameters<typeof burstSettings>[1] = {}): BurstTrigger {
  return new BurstTrigger(burstSettings('burst', options, 0));
}

test('it is due when the condition has held for long enough without a break', () => {
  const one = trigger({ for: '10s' });
  const onError = vi.fn<(error: unknown) => void>();
  expect(one.isDue(busy, 0, onError)).toBe(false);
  expect(one.isDue(busy, 9_999, onError)).toBe(false);
  expect(one.isDue(idle, 9_999, onError)).toBe(false);
  expect(one.isDue(busy, 10_000, onError)).toBe(false);
  expect(one.isDue(busy, 20_000, onError)).toBe(true);
});

test('the next one is due when the cool-down is over, and the condition has held again', () => {
  const one = trigger({ for: '10s', coolDown: '1m' });
  const onError = vi.fn<(error: unknown) => void>();
  one.isDue(busy, 0, onError);
  expect(one.isDue(busy, 10_000, onError)).toBe(true);
  one.begun(10_000);
  expect(one.isDue(busy, 11_000, onError)).toBe(false);
  expect(one.isDue(busy, 69_999, onError)).toBe(false);
  expect(one.isDue(busy, 70_000, onError)).toBe(true);
});

test('one that is due and has not begun stays due', () => {
  const one = trigger({ for: 0 });
  expect(one.isDue(busy, 0, vi.fn<(error: unknown) => void>())).toBe(true);
  expect(one.isDue(busy, 100, vi.fn<(error: unknown) => void>())).toBe(true);
});

test('a condition that throws says no, and is told once in a cool-down', () => {
  const error = new Error('condition');
  const onError = vi.fn<(error: unknown) => void>();
  const one = trigger({
    for: 0,
    coolDown: '1m',
    when: () => {
      throw error;
    },
  });
  for (let now = 0; now < 60_000; now += 100) expect(one.isDue(busy, now, onError)).toBe(false);
  expect(onError.mock.calls).toEqual([[error]]);
  one.isDue(busy, 60_000, onError);
  expect(onError).toHaveBeenCalledTimes(2);
});

test('an unknown utilization is not a busy one', () => {
  const unknown = sampleAt(toSamples([{}]), 0) as Sample;
  expect(trigger({ for: 0 }).isDue(unknown, 0, vi.fn<(error: unknown) => void>())).toBe(false);
});
