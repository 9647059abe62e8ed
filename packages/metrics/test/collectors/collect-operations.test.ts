import { ManualClock } from '@perf/core/testing';
import { expect, test } from 'vitest';
import { createRegistry } from '../../src/index.ts';
import { collectOperations, createProfiler } from '../../src/profiler.ts';
import { valuesOf } from '../fixtures/read-text.ts';

test('operations are series by component and operation, in seconds, until it is ended', async () => {
  const clock = new ManualClock();
  await using profiler = createProfiler({ clock });
  const registry = createRegistry();
  const end = collectOperations(registry, profiler);
  profiler.run('database', 'find', () => {
    clock.advance(500);
  });
  const fail = (): never => {
    clock.advance(1500);
    throw new Error('no such table');
  };
  expect(() => profiler.run('database', 'find', fail)).toThrow('no such table');
  const span = profiler.span('pages', 'render');

  expect(await valuesOf(registry, 'operation_duration_seconds_count')).toEqual({
    'database,find': 2,
    'pages,render': 0,
  });
  expect(await valuesOf(registry, 'operation_duration_seconds_sum')).toEqual({
    'database,find': 2,
    'pages,render': 0,
  });
  const quantiles = await valuesOf(registry, 'operation_duration_seconds');
  expect(quantiles['database,find,0.99']).toBeCloseTo(1.5, 1);
  expect(await valuesOf(registry, 'operation_errors_total')).toEqual({
    'database,find': 1,
    'pages,render': 0,
  });
  expect(await valuesOf(registry, 'operations_active')).toEqual({
    'database,find': 0,
    'pages,render': 1,
  });
  span.end();
  expect(await valuesOf(registry, 'operations_active')).toMatchObject({ 'pages,render': 0 });
  end();
  expect(await valuesOf(registry, 'operations_active')).toEqual({});
});
