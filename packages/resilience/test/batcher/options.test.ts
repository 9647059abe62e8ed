import { ConfigError } from '@perf/core';
import { describe, expect, it } from 'vitest';
import { createBatcher, type BatcherOptions } from '../../src/index.ts';

const load = (keys: readonly unknown[]): readonly unknown[] => keys;

describe('an option that is not right is refused with its name', () => {
  it.each([
    ['load', undefined],
    ['load', 'x'],
    ['name', ''],
    ['name', 5],
    ['maxSize', 0],
    ['maxSize', 1.5],
    ['maxSize', Number.NaN],
    ['maxSize', Infinity],
    ['maxWait', -1],
    ['maxWait', Infinity],
    ['maxWait', '5 potatoes'],
    ['adaptive', 'yes'],
    ['key', 'id'],
    ['dedupe', 1],
    ['concurrency', 0],
    ['concurrency', 2.5],
    ['maxQueue', 0],
    ['timeout', 0],
    ['timeout', '1 day'],
  ])('%s: %s', (option, value) => {
    const make = (): unknown => createBatcher({ load, [option]: value });
    expect(make).toThrow(ConfigError);
    expect(make).toThrow(option);
  });

  it.each([
    ['adaptive.minSize', { minSize: 0 }],
    ['adaptive.minSize', { minSize: 101 }],
    ['adaptive.targetTime', { targetTime: 0 }],
    ['adaptive.target', { target: 5 }],
  ])('%s: %o', (option, adaptive) => {
    const make = (): unknown => createBatcher({ load, adaptive: adaptive as never });
    expect(make).toThrow(ConfigError);
    expect(make).toThrow(option);
  });

  it('one that does not exist is refused, and the right name is proposed', () => {
    const options = { load, maxSise: 5 } as BatcherOptions<unknown, unknown>;
    expect(() => createBatcher(options)).toThrow('did you mean maxSize?');
  });
});
