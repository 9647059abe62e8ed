import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { MissingData } from '../../src/alerts/alert-rule.ts';
import type { Judgement } from '../../src/alerts/conditions/condition.ts';
import { RuleState, type AlertStatus, type RuleTiming } from '../../src/alerts/rule-state.ts';

interface Evaluation {
  readonly at: number;
  readonly judgement: Judgement;
}

/** Knows all evaluations, and finds the status from the first one on each time. */
function naiveStatus(evaluations: readonly Evaluation[], timing: RuleTiming): AlertStatus {
  let status: AlertStatus = 'inactive';
  const seen: { at: number; is: 'breach' | 'clear' | 'nothing' }[] = [];
  for (const { at, judgement } of evaluations) {
    seen.push({ at, is: meaning(judgement, timing.missingData, status) });
    const now = seen.at(-1)?.is;
    if (now === 'breach' && status !== 'firing' && stretch(seen, 'breach') >= timing.for) {
      status = 'firing';
    } else if (now === 'breach' && status === 'inactive') {
      status = 'pending';
    } else if (
      now === 'clear' &&
      (status === 'pending' || stretch(seen, 'clear') >= timing.keepFiringFor)
    ) {
      status = 'inactive';
    }
  }
  return status;

  /** How long it has said the same, back to where it said the opposite; without the time next to a gap. */
  function stretch(all: typeof seen, is: 'breach' | 'clear'): number {
    let sum = 0;
    for (let index = all.length - 1; index >= 0; index--) {
      const one = all[index];
      const before = all[index - 1];
      if (one === undefined || (one.is !== is && one.is !== 'nothing')) break;
      if (one.is === is && before?.is === is) {
        sum += Math.min(one.at - before.at, timing.longestStep);
      }
    }
    return sum;
  }
}

function meaning(
  judgement: Judgement,
  missingData: MissingData,
  status: AlertStatus,
): 'breach' | 'clear' | 'nothing' {
  if (judgement === 'between') return status === 'firing' ? 'breach' : 'clear';
  if (judgement !== 'missing') return judgement;
  return { keep: 'nothing', breach: 'breach', ok: 'clear' }[missingData] as
    | 'breach'
    | 'clear'
    | 'nothing';
}

it('a rule fires and is over when a model that remembers everything says so, through flapping, gaps and missing values', () => {
  fc.assert(
    fc.property(
      fc.record({
        for: fc.constantFrom(0, 10, 25, 60),
        keepFiringFor: fc.constantFrom(0, 10, 25),
        missingData: fc.constantFrom<MissingData>('keep', 'breach', 'ok'),
        longestStep: fc.constantFrom(25, 1000),
      }),
      fc.array(
        fc.record({
          wait: fc.constantFrom(10, 10, 10, 10, 7, 300),
          judgement: fc.constantFrom<Judgement>(
            'breach',
            'breach',
            'breach',
            'clear',
            'clear',
            'between',
            'missing',
          ),
        }),
        { maxLength: 60 },
      ),
      (timing, steps) => {
        const state = new RuleState(timing);
        const evaluations: Evaluation[] = [];
        let at = 0;
        for (const { wait, judgement } of steps) {
          at += wait;
          evaluations.push({ at, judgement });
          expect(state.step(judgement, at)).toBe(naiveStatus(evaluations, timing));
        }
      },
    ),
    { numRuns: 1000 },
  );
});
