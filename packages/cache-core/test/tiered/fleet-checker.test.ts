import { describe, expect, it } from 'vitest';
import { FAULTY_STORES, type Alteration } from './faulty-stores.ts';
import type { Key, SharedKey, Step, Via } from './fleet-steps.ts';
import { runSchedule } from './fleet-world.ts';

const load = (at: number, key: Key = 'a'): Step => ({
  do: 'load',
  at,
  key,
  slow: false,
  lateTag: false,
});
const slowLoad = (at: number, key: Key = 'a'): Step => ({
  do: 'load',
  at,
  key,
  slow: true,
  lateTag: false,
});
const change = (at: number, via: Via, key: SharedKey = 'a'): Step => ({
  do: 'change',
  at,
  key,
  via,
});
const write = (at: number, slow = false): Step => ({ do: 'writeThrough', at, key: 'a', slow });
const lose = (what: 'ledger' | 'drops'): Step => ({ do: 'lose', what });
const turn: Step = { do: 'turn' };
const oldest: Step = { do: 'proceed', newest: false };
const newest: Step = { do: 'proceed', newest: true };
const crash: Step = { do: 'crash', at: 1 };

/** For each faulty store a schedule that shows it. */
const SCHEDULES: { readonly [Fault in keyof typeof FAULTY_STORES]: readonly Step[] } = {
  'fill does not ask for the ticket': [slowLoad(1), turn, change(0, 'delete')],
  'deleteMany leaves the tickets': [slowLoad(1), turn, change(0, 'delete'), turn],
  'setMany leaves the tickets': [slowLoad(1, 'own'), turn, { do: 'set' }, turn],
  'deltas lack facts': [load(1), turn, change(0, 'tags')],
  'deltas lack drops': [load(1), turn, change(0, 'delete')],
  'a gap is not told': [load(1), turn, change(0, 'delete'), turn, lose('drops')],
  'a ledger that was lost has its old identity': [
    load(0),
    turn,
    change(1, 'tags'),
    turn,
    lose('ledger'),
  ],
  'bumps are not recorded': [load(1), turn, change(0, 'tags')],
  'begin leaves the value': [load(0), turn, write(1, true), turn, oldest, crash],
  'begin does not displace a ticket': [
    slowLoad(0),
    turn,
    write(1, true),
    turn,
    { do: 'hold', at: 1, operation: 'settle', when: 'before', onAbort: 'ignore' },
    newest,
    turn,
    crash,
    oldest,
  ],
  'settle does not ask for the ticket': [
    write(0, true),
    turn,
    oldest,
    turn,
    change(1, 'delete'),
    turn,
  ],
};

const cases = Object.entries<Alteration>(FAULTY_STORES).map(
  ([fault, alter]) => [fault, alter, SCHEDULES[fault as keyof typeof FAULTY_STORES]] as const,
);

describe('the checker of the staleness promise', () => {
  it.each(cases)('sees that %s', async (_, alter, steps) => {
    await expect(runSchedule(steps, { instances: 2, alter })).rejects.toThrow('promised');
  });

  it.each(cases)('has nothing against the same schedule without the fault that %s', (...args) =>
    runSchedule(args[2], { instances: 2 }),
  );
});
