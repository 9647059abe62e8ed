import { expectTypeOf, test } from 'vitest';
import { createMemoryCache } from '../../src/memory/create-memory-cache.ts';
import type { Removal } from '../../src/memory/memory-cache.ts';

test('keys and values keep their types', () => {
  const cache = createMemoryCache<number, { readonly name: string }>({
    ttl: '5m',
    maxBytes: '64mb',
    weigh: (value, key) => value.name.length + key,
  });
  expectTypeOf(cache.get(1)).toEqualTypeOf<{ readonly name: string } | undefined>();
  expectTypeOf(cache.entries()).toEqualTypeOf<
    IterableIterator<[number, { readonly name: string }]>
  >();
  cache.on('remove', (removal) => {
    expectTypeOf(removal).toEqualTypeOf<Removal<number, { readonly name: string }>>();
  });
  // @ts-expect-error -- a key of another type
  cache.get('1');
  // @ts-expect-error -- a value of another type
  cache.set(1, { title: '' });
  // @ts-expect-error -- a unit that does not exist
  cache.set(1, { name: '' }, { ttl: '5 potatoes' });
  // @ts-expect-error -- an event that does not exist
  cache.on('evict', () => {});
});

test('options that do not exist are refused', () => {
  // @ts-expect-error -- no such policy
  createMemoryCache({ policy: 'random' });
  // @ts-expect-error -- a misspelt option
  createMemoryCache({ maxEntires: 5 });
});
