import { expectTypeOf, test } from 'vitest';
import {
  createRegistry,
  type Counter,
  type CounterFamily,
  type Gauge,
  type HistogramFamily,
  type Timer,
} from '../../src/index.ts';

test('label names are checked by types', () => {
  const registry = createRegistry();
  const plain = registry.counter({ name: 'a_total' });
  expectTypeOf(plain).toEqualTypeOf<Counter>();
  const labelled = registry.counter({ name: 'b_total', labels: ['method', 'status'] });
  expectTypeOf(labelled).toEqualTypeOf<CounterFamily<'method' | 'status'>>();
  labelled.inc({ method: 'GET', status: 200 });
  // @ts-expect-error a label is missing
  labelled.inc({ method: 'GET' });
  // @ts-expect-error there is no such label
  labelled.inc({ method: 'GET', status: 200, path: '/' });
  // @ts-expect-error a counter without labels has no children
  plain.child({});
  expectTypeOf(registry.gauge({ name: 'c' })).toEqualTypeOf<Gauge>();
  expectTypeOf(registry.timer({ name: 'd_seconds' })).toEqualTypeOf<Timer>();
  expectTypeOf(registry.histogram({ name: 'e', labels: ['x'] as const })).toEqualTypeOf<
    HistogramFamily<'x'>
  >();
});
