import { ConfigError } from '@perf/core';
import { ManualClock } from '@perf/core/testing';
import { describe, expect, test } from 'vitest';
import type { LocalRateLimiter } from '../../src/limiters/rate-limiter.ts';
import { tokenBucket } from '../../src/limiters/token-bucket.ts';
import {
  describeRateLimiter,
  rateLimiterChecks,
  runLimiterCheck,
  type CreateLimiterSubject,
} from '../../src/testing.ts';

/** A limiter that does one thing wrong. */
type Alteration = (right: LocalRateLimiter) => Partial<LocalRateLimiter>;

const ALTERATIONS: Readonly<Record<string, Alteration>> = {
  'admits one too many': (right) => {
    let spare = 1;
    return {
      take: async (key, options) => {
        const decision = await right.take(key, options);
        return decision.admitted || spare-- <= 0
          ? decision
          : { ...decision, admitted: true, retryAfter: 0 };
      },
    };
  },
  'ignores costs': (right) => ({
    take: (key, options) => right.take(key, { ...options, cost: 1 }),
  }),
  'knows one key only': (right) => ({ take: (_, options) => right.take('', options) }),
  'takes when it is asked for the state': (right) => ({
    check: (key, cost) => right.tryTake(key, cost),
  }),
  'does not wait': (right) => ({
    take: (key, options) => right.take(key, { ...options, timeout: 0 }),
  }),
  'does not listen to the signal': (right) => ({
    take: (key, options) => right.take(key, { ...options, signal: undefined }),
  }),
  'knows no timeout': (right) => ({
    take: (key, options) =>
      right.take(key, { ...options, timeout: options?.timeout === 0 ? 0 : 3_600_000 }),
  }),
  'lets overtake who waits': (right) => ({
    take: (key = '', options) => right.take(options?.timeout === 0 ? `${key} ` : key, options),
  }),
  'says zero for retryAfter': (right) => ({
    take: async (key, options) => ({ ...(await right.take(key, options)), retryAfter: 0 }),
  }),
  'ignores penalties': () => ({ penalize: () => undefined }),
  'ignores rewards': () => ({ reward: () => undefined }),
  'rewards without end': (right) => ({ reward: (key) => right.reset(key) }),
  'ignores blocks': () => ({ block: () => true }),
  'cannot be reset': () => ({ reset: () => undefined }),
};

function subjects(alter: Alteration): CreateLimiterSubject {
  return ({ limit, window }) => {
    const clock = new ManualClock();
    const right = tokenBucket({ rate: limit, per: window, burst: limit, clock });
    const methods: LocalRateLimiter = {
      name: 'altered',
      take: (key, options) => right.take(key, options),
      check: (key, cost) => right.check(key, cost),
      tryTake: (key, cost) => right.tryTake(key, cost),
      penalize: (key, cost) => right.penalize(key, cost),
      reward: (key, cost) => right.reward(key, cost),
      block: (key, duration) => right.block(key, duration),
      reset: (key) => right.reset(key),
    };
    const limiter = { ...methods, ...alter(methods) };
    return {
      limiter,
      clock,
      advance: (milliseconds) => clock.advanceAsync(milliseconds),
      second: () => limiter,
      cleanup: () => undefined,
    };
  };
}

async function failuresOf(
  create: CreateLimiterSubject,
  patience: number,
): Promise<readonly string[]> {
  const failures: string[] = [];
  for (const check of rateLimiterChecks({ shared: true })) {
    const run = runLimiterCheck(check, create, { shared: true });
    // What waits for ever in a fake time fails, too.
    const ended = await Promise.race([
      run.then(
        () => true,
        () => false,
      ),
      new Promise<false>((resolve) => {
        setTimeout(resolve, patience, false);
      }),
    ]);
    if (!ended) failures.push(check.title);
  }
  return failures;
}

describe('the conformance suite of limiters', () => {
  test('passes what is right', async () => {
    expect(
      await failuresOf(
        subjects(() => ({})),
        10_000,
      ),
    ).toEqual([]);
  });

  test.each(Object.entries(ALTERATIONS))('finds out a limiter that %s', async (_, alter) => {
    expect(await failuresOf(subjects(alter), 200)).not.toEqual([]);
  });

  test('registers a test for each check, by topic, with the runner that is handed in', () => {
    const seen: string[] = [];
    describeRateLimiter(
      'mine',
      subjects(() => ({})),
      {
        describe: (name, body) => {
          seen.push(name);
          body();
        },
        it: (title) => seen.push(title),
      },
    );
    for (const { topic, title } of rateLimiterChecks()) {
      expect(seen).toContain(topic);
      expect(seen).toContain(title);
    }
    expect(() => describeRateLimiter('mine', 5 as never)).toThrow(ConfigError);
    expect(() =>
      describeRateLimiter(
        'mine',
        subjects(() => ({})),
        { seeds: 1 } as never,
      ),
    ).toThrow(/seed/);
  });
});
