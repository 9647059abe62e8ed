import * as fc from 'fast-check';
import type { FaultOptions, OnAbort, StoreOperation, WriteOperation } from '../../src/testing.ts';

/** Keys that every instance may change, all of them tagged {@link TAG}. */
export const SHARED_KEYS = ['a', 'b'] as const;
/** The key that only the first instance changes, so that `set` is promised to be right. */
export const OWN_KEY = 'own';
export const KEYS = [...SHARED_KEYS, OWN_KEY] as const;
export const TAG = 't';

export type SharedKey = (typeof SHARED_KEYS)[number];
export type Key = (typeof KEYS)[number];
/** How a change of the database is told to the cache. */
export type Via = 'delete' | 'tags' | 'pattern' | 'clear' | 'where';

/** One step of a schedule. `at` is the instance. */
export type Step =
  | { readonly do: 'get'; readonly at: number; readonly key: Key }
  | {
      readonly do: 'load';
      readonly at: number;
      readonly key: Key;
      readonly slow: boolean;
      readonly lateTag: boolean;
    }
  | { readonly do: 'change'; readonly at: number; readonly key: SharedKey; readonly via: Via }
  | { readonly do: 'set' }
  | { readonly do: 'writeThrough'; readonly at: number; readonly key: Key; readonly slow: boolean }
  /** Lets the loader or database write that has waited longest (or shortest) go on. */
  | { readonly do: 'proceed'; readonly newest: boolean }
  | {
      readonly do: 'hold';
      readonly at: number;
      readonly operation: StoreOperation;
      readonly when: 'before' | 'after';
      readonly onAbort: OnAbort;
    }
  | { readonly do: 'release'; readonly at: number }
  | {
      readonly do: 'fail';
      readonly at: number;
      readonly operation: StoreOperation | undefined;
      readonly options: FaultOptions;
    }
  | {
      readonly do: 'unknown';
      readonly at: number;
      readonly operation: WriteOperation;
      readonly applied: boolean;
    }
  | { readonly do: 'freeze' | 'thaw'; readonly at: number }
  /** The process is gone; nothing of what it was about to do happens. The last one stays. */
  | { readonly do: 'crash'; readonly at: number }
  | { readonly do: 'lose'; readonly what: 'ledger' | 'drops' | 'value' | 'ticket' }
  | { readonly do: 'advance'; readonly by: number }
  /** Lets promises go on: all the way, or a few steps. */
  | { readonly do: 'turn' }
  | { readonly do: 'ticks'; readonly count: number };

const OPERATIONS = [
  'getMany',
  'setMany',
  'deleteMany',
  'clear',
  'ticketMany',
  'releaseMany',
  'fillMany',
  'begin',
  'settle',
  'bump',
  'delta',
] as const satisfies readonly StoreOperation[];

/** Schedules over so many instances, with `faults` or without. */
export function schedules(instances: number, faults: boolean): fc.Arbitrary<readonly Step[]> {
  const at = fc.nat(instances - 1);
  const key = fc.constantFrom(...KEYS);
  const shared = fc.constantFrom(...SHARED_KEYS);
  const flag = fc.boolean();
  const operation = fc.constantFrom(...OPERATIONS);
  const step = <S extends Step['do']>(
    weight: number,
    kind: S,
    fields: { [F in keyof Omit<Extract<Step, { do: S }>, 'do'>]: fc.Arbitrary<unknown> },
  ): fc.WeightedArbitrary<Step> => ({
    weight,
    arbitrary: fc.record({ do: fc.constant(kind), ...fields }) as fc.Arbitrary<Step>,
  });
  const ordinary = [
    step(4, 'get', { at, key }),
    step(6, 'load', { at, key, slow: flag, lateTag: fc.constant(false) }),
    step(1, 'load', { at, key, slow: flag, lateTag: fc.constant(true) }),
    step(4, 'change', {
      at,
      key: shared,
      via: fc.constantFrom<Via>('delete', 'delete', 'tags', 'tags', 'pattern', 'clear', 'where'),
    }),
    step(2, 'set', {}),
    step(3, 'writeThrough', { at, key, slow: flag }),
    step(6, 'proceed', { newest: flag }),
    step(3, 'advance', { by: fc.constantFrom(1, 40, 60, 101, 101, 300) }),
    step(8, 'turn', {}),
    step(2, 'ticks', { count: fc.integer({ min: 1, max: 12 }) }),
    step(4, 'hold', {
      at,
      operation,
      when: fc.constantFrom('before', 'after'),
      onAbort: fc.constantFrom<OnAbort>('drop', 'land', 'ignore'),
    }),
    step(4, 'release', { at }),
  ];
  const troubles = [
    step(2, 'fail', {
      at,
      operation: fc.option(operation, { nil: undefined }),
      options: fc.record({ times: fc.constantFrom(1, 2), applied: flag }),
    }),
    step(1, 'unknown', {
      at,
      operation: fc.constantFrom<WriteOperation>('setMany', 'fillMany', 'settle'),
      applied: flag,
    }),
    step(1, 'freeze', { at }),
    step(1, 'thaw', { at }),
    step(1, 'crash', { at }),
    step(2, 'lose', { what: fc.constantFrom('ledger', 'drops', 'value', 'ticket') }),
    step(1, 'advance', { by: fc.constantFrom(1100, 5100, 10_100) }),
  ];
  return fc.array(fc.oneof(...ordinary, ...(faults ? troubles : [])), {
    minLength: 3,
    maxLength: 30,
    size: 'max',
  });
}
