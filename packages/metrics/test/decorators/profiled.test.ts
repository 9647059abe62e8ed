import { ConfigError } from '@perf/core';
import { ManualClock } from '@perf/core/testing';
import { expect, test } from 'vitest';
import { profiled } from '../../src/decorators/profiled.ts';
import { createProfiler } from '../../src/profiler/profiler.ts';

const profiler = createProfiler({ clock: new ManualClock() });

class Orders {
  readonly factor = 2;

  @profiled(profiler)
  double(value: number): number {
    return value * this.factor;
  }

  @profiled(() => profiler, { component: 'shop', operation: 'fail' })
  async broken(): Promise<never> {
    throw new Error('broken');
  }

  @profiled(profiler)
  static all(): string {
    return 'all';
  }
}

function statsOf(component: string, operation: string): unknown {
  return profiler
    .profile()
    .operations.find((one) => one.component === component && one.operation === operation);
}

test('a method is counted under its class and its name, and keeps this, result and name', () => {
  const orders = new Orders();
  expect(orders.double(21)).toBe(42);
  expect(orders.double.name).toBe('double');
  expect(statsOf('Orders', 'double')).toMatchObject({ count: 1, errors: 0 });
});

test('a method that is rejected is an error, under the names that were given', async () => {
  await expect(new Orders().broken()).rejects.toThrow('broken');
  expect(statsOf('shop', 'fail')).toMatchObject({ count: 1, errors: 1 });
});

test('a static method is counted under its class', () => {
  expect(Orders.all()).toBe('all');
  expect(statsOf('Orders', 'all')).toMatchObject({ count: 1 });
});

test('what is no profiler, no name, or no method is refused', () => {
  expect(() => profiled({} as never)).toThrow(ConfigError);
  expect(() => profiled(undefined as never)).toThrow(ConfigError);
  expect(() => profiled(profiler, { component: '' })).toThrow('profiled.component');
  expect(() => profiled(profiler, { op: 'x' } as object)).toThrow('profiled.op');
  const experimental = profiled(profiler) as (...args: unknown[]) => unknown;
  expect(() => experimental({}, 'double', {})).toThrow('@profiled');
});
