import { expectTypeOf, test } from 'vitest';
import { profiled } from '../../src/decorators.ts';
import { createProfiler } from '../../src/profiler.ts';

const profiler = createProfiler();

test('a method keeps its type, whether it returns a promise or not', () => {
  class Orders {
    @profiled(profiler)
    find(id: string): string {
      return id;
    }

    @profiled(() => profiler, { component: 'shop' })
    async load(id: string): Promise<number> {
      return id.length;
    }
  }
  expectTypeOf<Orders['find']>().toEqualTypeOf<(id: string) => string>();
  expectTypeOf<Orders['load']>().toEqualTypeOf<(id: string) => Promise<number>>();
});

test('what cannot run is no profiler', () => {
  // @ts-expect-error it has no run
  profiled({});
});
