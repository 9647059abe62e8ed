import { expectTypeOf, test } from 'vitest';
import { createProfiler, type Profile } from '../../src/profiler.ts';

const profiler = createProfiler();

test('run has the type of the function', () => {
  expectTypeOf(profiler.run('a', 'b', () => 5)).toEqualTypeOf<number>();
  expectTypeOf(profiler.run('a', 'b', async () => 'x')).toEqualTypeOf<Promise<string>>();
});

test('a wrapped function has the type of what was wrapped', () => {
  const wrapped = profiler.wrap('a', 'b', (id: string, count = 1) => id.repeat(count));
  expectTypeOf(wrapped).toEqualTypeOf<(id: string, count?: number) => string>();
  // @ts-expect-error a number is no id
  wrapped(5);
});

test('a profile cannot be changed', () => {
  expectTypeOf(profiler.profile()).toEqualTypeOf<Profile>();
  // @ts-expect-error it is read-only
  profiler.profile().time = 5;
});

test('options are told by their types', () => {
  // @ts-expect-error no duration
  createProfiler({ interval: 'soon' });
  // @ts-expect-error no signal
  createProfiler({ signals: { disk: true } });
});
