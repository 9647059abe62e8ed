import { describe, expect, it } from 'vitest';
import { BROKEN_RULES, type BreakRule } from './broken-rules.ts';
import type { WorldOptions } from './fleet-instance.ts';
import type { Key, SharedKey, Step, Via } from './fleet-steps.ts';
import { runSchedule } from './fleet-world.ts';

const load = (at: number, key: Key = 'a'): Step => ({
  do: 'load',
  at,
  key,
  slow: false,
  lateTag: false,
});
const change = (at: number, via: Via, key: SharedKey = 'a'): Step => ({
  do: 'change',
  at,
  key,
  via,
});
const get = (at: number, key: Key): Step => ({ do: 'get', at, key });
const advance = (by: number): Step => ({ do: 'advance', by });
const loseNext = (at: number): Step => ({ do: 'lose messages', at, count: 1 });
const turn: Step = { do: 'turn' };
/** Behind the gap with which an instance settles. */
const settled: Step = advance(3250);

/** For each rule a schedule that shows that it is needed, in a world that may need more than a bus. */
const CASES: {
  readonly [Rule in keyof typeof BROKEN_RULES]: readonly [
    steps: readonly Step[],
    world?: Partial<WorldOptions>,
  ];
} = {
  'a missing number is no gap': [[settled, load(1), turn, loseNext(1), change(0, 'delete'), turn]],
  'the silence of others is no gap': [
    [load(1), turn, loseNext(1), change(0, 'delete'), turn, { do: 'crash', at: 0 }],
  ],
  'its own silence is no gap': [
    [
      load(1),
      { do: 'blackHole', at: 1 },
      // The others were silent and are forgotten.
      advance(3500),
      load(1),
      turn,
      change(0, 'delete'),
      advance(3001),
      get(1, 'a'),
    ],
  ],
  'memory serves while nothing is heard': [
    [{ do: 'cut', at: 1 }, load(1), turn, change(0, 'delete'), advance(3001), get(1, 'a')],
  ],
  'a gap does not move the epoch': [[load(1), turn, loseNext(1), change(0, 'delete'), turn]],
  'memory serves while facts are missing': [
    [
      settled,
      load(1),
      turn,
      loseNext(1),
      change(0, 'tags'),
      turn,
      { do: 'bump another tag', at: 0 },
    ],
  ],
  'what is heard of outdates nothing': [
    [
      load(0),
      turn,
      { do: 'hold', at: 1, operation: 'getMany', when: 'after', onAbort: 'ignore' },
      get(1, 'a'),
      turn,
      change(0, 'delete'),
      turn,
      { do: 'release', at: 1 },
    ],
  ],
  'nothing is severed': [
    [
      {
        do: 'hold',
        at: 0,
        operation: 'setMany',
        when: 'before',
        onAbort: 'land',
        overtaken: true,
        times: 1,
      },
      { do: 'set' },
      // It is given up, the store is probed, a delete is written in its place.
      advance(1000),
      { do: 'set' },
      turn,
      { do: 'release', at: 0 },
    ],
    { severs: true },
  ],
  'what was confirmed is not repeated': [
    [
      load(1),
      turn,
      { do: 'replicate' },
      change(0, 'delete'),
      turn,
      { do: 'replace', how: 'failover' },
    ],
  ],
  'the stamp of a narrow store is ignored': [
    [load(1), turn, loseNext(1), change(0, 'delete'), turn],
    { narrow: true },
  ],
  'others hear of it before it is written': [
    [load(1), turn, change(0, 'delete'), turn, get(1, 'a'), turn],
  ],
};

const cases = Object.entries<BreakRule>(BROKEN_RULES).map(([rule, breakRule]) => {
  const [steps, world = {}] = CASES[rule as keyof typeof BROKEN_RULES];
  const options: WorldOptions = { instances: 2, bus: 'announced', ...world };
  return [rule, breakRule, steps, options] as const;
});

describe('the checker of the staleness promise, with a bus', () => {
  it.each(cases)('sees when %s', async (_, breakRule, steps, options) => {
    const broken = { ...options, ...breakRule() };
    await expect(runSchedule(steps, broken)).rejects.toThrow('promised');
  });

  it.each(cases)('has nothing against the schedule that shows when %s', (_, __, steps, options) =>
    runSchedule(steps, options),
  );
});
