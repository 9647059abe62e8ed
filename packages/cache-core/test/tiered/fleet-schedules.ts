import * as fc from 'fast-check';
import type { OnAbort, StoreOperation, WriteOperation } from '../../src/testing.ts';
import { KEYS, SHARED_KEYS, type Arrangement, type Step, type Via } from './fleet-steps.ts';

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

/** A kind of step, with its weight among the others. */
function step<S extends Step['do']>(
  weight: number,
  kind: S,
  fields: { [F in keyof Omit<Extract<Step, { do: S }>, 'do'>]: fc.Arbitrary<unknown> },
): fc.WeightedArbitrary<Step> {
  return {
    weight,
    arbitrary: fc.record({ do: fc.constant(kind), ...fields }) as fc.Arbitrary<Step>,
  };
}

/** What schedules may have beyond ordinary use. */
export interface Troubles {
  readonly faults: boolean;
  readonly bus?: boolean;
  readonly narrow?: boolean;
  /** Calls that were given up may be overtaken. */
  readonly severs?: boolean;
}

/** Schedules over so many instances. */
export function schedules(
  instances: number,
  { faults, bus = false, narrow = false, severs = false }: Troubles,
): fc.Arbitrary<readonly Step[]> {
  const at = fc.nat(instances - 1);
  const key = fc.constantFrom(...KEYS);
  const shared = fc.constantFrom(...SHARED_KEYS);
  const flag = fc.boolean();
  const operation = fc.constantFrom(...OPERATIONS);
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
    step(1, 'bump another tag', { at }),
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
      overtaken: severs ? flag : fc.constant(false),
      times: fc.constant(2),
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
  const all = [
    ...ordinary,
    ...(faults ? troubles : []),
    ...(bus ? busSteps(at, { faults, narrow }) : []),
  ];
  return fc.array(fc.oneof(...all), { minLength: 3, maxLength: bus ? 40 : 30, size: 'max' });
}

/** @param at which instance */
function busSteps(
  at: fc.Arbitrary<number>,
  { faults, narrow }: { readonly faults: boolean; readonly narrow: boolean },
): readonly fc.WeightedArbitrary<Step>[] {
  const flag = fc.boolean();
  const timing = [
    step(1, 'delay', { at, by: fc.constantFrom(0, 1, 40) }),
    step(2, 'holdBus', { at }),
    step(3, 'releaseBus', {
      at,
      arrange: fc.constantFrom<Arrangement>('in order', 'in order', 'reversed', 'twice'),
    }),
    step(2, 'advance', { by: fc.constantFrom(250, 1000, 3000) }),
  ];
  const troubles = [
    step(1, 'cut', { at }),
    step(2, 'blackHole', { at }),
    step(2, 'restore', { at }),
    step(3, 'lose messages', { at, count: fc.constantFrom(1, 1, 2, 5) }),
    step(1, 'failPublish', { at, applied: flag }),
    step(1, 'revive', { at }),
    step(2, 'replicate', {}),
    step(1, 'replace', { how: fc.constantFrom('failover', 'failover', 'restart') }),
  ];
  const ofDisks = step(3, 'holdNarrow', {
    at,
    operation: fc.constantFrom<StoreOperation>('getMany', 'setMany', 'deleteMany'),
    when: fc.constantFrom('before', 'after'),
  });
  return [...timing, ...(faults ? troubles : []), ...(narrow ? [ofDisks] : [])];
}
