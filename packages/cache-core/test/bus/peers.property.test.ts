import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { GRACE, Peers, SILENCE } from '../../src/bus/peers.ts';

/** How often a member looks, in milliseconds. */
const CHECK = 250;

/** What happens to one message of a publisher: how long it takes, or that it is lost. */
type Fate = { readonly delay: number } | 'lost';

interface Published {
  readonly at: number;
  readonly fate: Fate;
}

const delays = (longest: number): fc.Arbitrary<Fate> =>
  fc.record({ delay: fc.integer({ min: 0, max: longest }) });

/** Numbered messages of one publisher, and its beats, in the order in which they are published. */
function publications(fate: fc.Arbitrary<Fate>): fc.Arbitrary<readonly Published[]> {
  const pauses = fc.array(fc.tuple(fc.integer({ min: 0, max: 400 }), fate), { maxLength: 30 });
  return pauses.map((items) => {
    let at = 1;
    return items.map(([pause, one]) => {
      at += pause;
      return { at, fate: one };
    });
  });
}

interface Outcome {
  /** When gaps were noticed. */
  readonly gaps: readonly number[];
}

/** Plays what a listener hears of one publisher that beats once a second, and looks as a member does. */
function listen(messages: readonly Published[], until: number, beats: fc.Stream<Fate>): Outcome {
  const peers = new Peers();
  peers.begin(-SILENCE);
  peers.check(0);
  const events: { readonly at: number; readonly run: (at: number) => boolean }[] = [];
  const arrive = (at: number, fate: Fate, run: (at: number) => boolean): void => {
    if (fate !== 'lost') events.push({ at: at + fate.delay, run });
  };
  for (const [index, { at, fate }] of messages.entries()) {
    arrive(at, fate, (now) => peers.hear('p', index + 1, now));
  }
  for (let at = 0; at <= until; at += 1000) {
    const number = messages.filter((message) => message.at <= at).length;
    const fate = beats.next().value as Fate;
    arrive(at, at === 0 ? { delay: 0 } : fate, (now) => peers.told('p', number, now));
  }
  for (let at = CHECK; at <= until; at += CHECK) {
    events.push({ at, run: (now) => peers.check(now) });
  }
  const gaps: number[] = [];
  for (const { at, run } of events.toSorted((left, right) => left.at - right.at)) {
    if (!run(at)) gaps.push(at);
  }
  return { gaps };
}

describe('what is heard of a publisher', () => {
  const end = 30_000;

  test('is complete however its messages overtake each other within the grace', () => {
    const late = delays(GRACE - 1);
    fc.assert(
      fc.property(publications(late), fc.infiniteStream(late), (messages, beats) => {
        expect(listen(messages, end, beats).gaps).toEqual([]);
      }),
    );
  });

  test('has a gap in time for every message that is lost', () => {
    const late = fc.oneof(
      { weight: 3, arbitrary: delays(GRACE - 1) },
      fc.constant('lost' as const),
    );
    const beat = delays(GRACE - 1);
    fc.assert(
      fc.property(publications(late), fc.infiniteStream(beat), (messages, beats) => {
        const { gaps } = listen(messages, end, beats);
        for (const { at, fate } of messages) {
          if (fate !== 'lost') continue;
          // The next beat tells of it; then it is missing for the grace, and looked for.
          const latest = at + 1000 + (GRACE - 1) + GRACE + CHECK;
          expect(gaps.some((gap) => gap >= at && gap <= latest)).toBe(true);
        }
      }),
    );
  });

  test('has a gap in time when nothing comes of it any more', () => {
    const beat = fc.oneof(
      { weight: 1, arbitrary: delays(GRACE - 1) },
      fc.constant('lost' as const),
    );
    fc.assert(
      fc.property(fc.infiniteStream(beat), fc.integer({ min: 0, max: 10 }), (beats, silent) => {
        const heard: Fate[] = [];
        const seen = beats.map((fate) => {
          heard.push(heard.length > silent ? 'lost' : fate);
          return heard.at(-1) as Fate;
        });
        const { gaps } = listen([], end, seen);
        const lastBeat = heard.findLastIndex((fate) => fate !== 'lost');
        const last = Math.max(0, lastBeat) * 1000;
        expect(gaps.some((gap) => gap >= last && gap <= last + GRACE + SILENCE + CHECK)).toBe(true);
      }),
    );
  });
});
