import { seededRandom } from '@perf/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FailureDetector } from '../../../src/breaker-registry/correlation/failure-detector.ts';

/** Calls of which a part fails; each is a millisecond after the one before. Counts how often a failing begins. */
function play(detector: FailureDetector, calls: number, part: number, seed: number, from = 0) {
  const random = seededRandom(seed);
  let successes = 0;
  let begun = 0;
  let detectedAt: number | undefined;
  for (let call = 1; call <= calls; call++) {
    const now = from + call;
    if (random() >= part) successes++;
    else {
      if (detector.failed(successes, now, now)) {
        begun++;
        detectedAt ??= call;
      }
      successes = 0;
    }
  }
  detector.succeeded(successes);
  return { begun, detectedAt };
}

describe('a service begins to fail', () => {
  it('with its fourth failure in a row, since the first of them', () => {
    const detector = new FailureDetector();
    detector.succeeded(1000);
    const news = [10, 20, 30, 40, 50].map((now) => detector.failed(0, now, now));
    expect(news).toEqual([false, false, false, true, false]);
    expect(detector).toMatchObject({ isFailing: true, since: 10 });
  });

  it('with its first failures, however rarely it is called', () => {
    const detector = new FailureDetector();
    for (let minute = 1; minute <= 4; minute++) {
      detector.failed(0, minute * 60_000, minute * 60_000);
    }
    expect(detector).toMatchObject({ isFailing: true, since: 60_000 });
  });

  it('when its calls began, not when they timed out', () => {
    const detector = new FailureDetector();
    for (let call = 0; call < 4; call++) detector.failed(0, 1000 + call, 31_000 + call);
    expect(detector.since).toBe(1000);
  });

  it.each([0.2, 0.3, 0.5, 1])('when %d of its calls fail, within a hundred calls', (part) => {
    for (let seed = 1; seed <= 50; seed++) {
      const detector = new FailureDetector();
      play(detector, 1000, 0.002, seed);
      expect(play(detector, 300, part, seed + 100, 1000).detectedAt).toBeLessThan(100);
    }
  });

  it.each([0, 0.001, 0.01])('hardly ever while %d of its calls fail as always', (part) => {
    let begun = 0;
    for (let seed = 1; seed <= 20; seed++) {
      begun += play(new FailureDetector(), 20_000, part, seed).begun;
    }
    expect(begun).toBeLessThanOrEqual(1);
  });

  it('not again while a tenth fails as it has for long', () => {
    const detector = new FailureDetector();
    play(detector, 20_000, 0.1, 1);
    expect(play(detector, 20_000, 0.1, 2).begun).toBe(0);
    expect(detector.isFailing).toBe(false);
  });

  it('is known from elsewhere', () => {
    const detector = new FailureDetector();
    expect(detector.fails(5)).toBe(true);
    expect(detector.fails(6)).toBe(false);
    expect(detector.since).toBe(5);
  });
});

describe('a service works again', () => {
  it('after some two dozen successes in a row', () => {
    const detector = new FailureDetector();
    for (let call = 0; call < 10; call++) detector.failed(0, call, call);
    expect(detector.succeeded(20)).toBe(false);
    expect(detector.succeeded(10)).toBe(true);
    expect(detector.isFailing).toBe(false);
    expect(detector.succeeded(10)).toBe(false);
  });

  it('and begins to fail anew only with four failures more', () => {
    const detector = new FailureDetector();
    for (let call = 0; call < 10; call++) detector.failed(0, call, call);
    detector.succeeded(500);
    expect(detector.isFailing).toBe(false);
    const news = [20, 21, 22, 23].map((now) => detector.failed(0, now, now));
    expect(news).toEqual([false, false, false, true]);
    expect(detector.since).toBe(20);
  });

  it('not while a tenth of its calls still fails', () => {
    const detector = new FailureDetector();
    for (let call = 0; call < 10; call++) detector.failed(0, call, call);
    for (let round = 0; round < 100; round++) detector.failed(9, round, round);
    expect(detector.isFailing).toBe(true);
  });
});

describe('any sequence of outcomes', () => {
  it('leaves parts within 0 and 1, and a beginning that has been', () => {
    const step = fc.tuple(fc.nat(50), fc.nat(1000), fc.boolean());
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const detector = new FailureDetector();
        let now = 0;
        for (const [successes, pause, fails] of steps) {
          now += pause;
          const was = detector.isFailing;
          if (fails) {
            const news = detector.failed(successes, now, now);
            if (news) expect(was && !detector.isFailing).toBe(false);
          } else {
            const ended = detector.succeeded(successes);
            expect(ended).toBe(was && !detector.isFailing);
          }
          expect(detector.recent).toBeGreaterThanOrEqual(0);
          expect(detector.recent).toBeLessThanOrEqual(1);
          expect(detector.since).toBeLessThanOrEqual(now);
          expect(detector.gap).toBeGreaterThanOrEqual(0);
        }
      }),
    );
  });
});
