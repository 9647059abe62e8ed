import assert from 'node:assert/strict';
import { ManualClock, seededRandom } from '@perf/core/testing';
import { createReferenceBackend } from '../reference-backend.ts';
import { referenceStore } from '../reference-store.ts';
import { StepSource, type RandomStep, type Side } from './random-steps.ts';
import {
  always,
  carriesDrops,
  checksOf,
  isConditional,
  isShared,
  type CheckContext,
  type StoreCheck,
} from './store-check.ts';
import { START, StoreDriver } from './store-driver.ts';

const STEPS = 60;
const RUNS = 20;
/** One step in so many lets time pass. */
const TIME = 12;

export const MODEL_CHECKS: readonly StoreCheck[] = checksOf('model', always, {
  'random calls are answered as the reference store answers them': async (context) => {
    const { traits, short } = context;
    const seed = traits.seed ?? 1;
    const random = seededRandom(seed);
    const source = new StepSource(random, traits, short);
    const pairs = await pairsOf(context);
    for (let run = 1; run <= (traits.runs ?? RUNS); run++) {
      const history: string[] = [`run ${run} of seed ${seed}:`];
      source.startRun(run);
      for (let step = 0; step < STEPS; step++) {
        if (traits.realTime !== true && random() < 1 / TIME) {
          history.push('time passes');
          await pairs.pass();
          await compare(source.readAll(), 0, pairs, history);
        } else {
          const handle = Math.floor(random() * pairs.handles.length);
          await compare(source.next(), handle, pairs, history);
        }
      }
    }
  },
});

interface Pair {
  readonly actual: Side;
  readonly model: Side;
}

interface Pairs {
  readonly handles: readonly Pair[];
  pass(): Promise<void>;
}

/** Each handle of the store beside one of the reference store. */
async function pairsOf({ store, second, traits, short, passShort }: CheckContext): Promise<Pairs> {
  const clock = new ManualClock();
  const backend = createReferenceBackend({ clock });
  const { conditional, touch } = traits.capabilities;
  const drivers = isShared(traits) ? [store, await second()] : [store];
  const [actualNumbers, modelNumbers]: [number[], number[]] = [[], []];
  if (isConditional(traits)) {
    actualNumbers.push((await store.delta()).seq);
    modelNumbers.push(backend.ledger.highest);
  }
  const handles = drivers.map((driver) => {
    const model = referenceStore({ backend, conditional, touch, drops: carriesDrops(traits) });
    return {
      actual: { store: driver, position: START, numbers: actualNumbers },
      model: { store: new StoreDriver(model), position: START, numbers: modelNumbers },
    };
  });
  return {
    handles,
    pass: async () => {
      clock.advance(2 * short);
      await passShort();
    },
  };
}

async function compare(
  step: RandomStep,
  handle: number,
  { handles }: Pairs,
  history: string[],
): Promise<void> {
  const pair = handles[handle];
  assert.ok(pair !== undefined);
  history.push(`handle ${handle}: ${step.text}`);
  const expected = await step.run(pair.model);
  const actual = await step.run(pair.actual);
  assert.deepEqual(actual, expected, history.join('\n'));
}
