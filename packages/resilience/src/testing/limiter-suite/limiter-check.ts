import type { Clock } from '@perf/core';
import type { AdjustableRateLimiter } from '../../limiters/rate-limiter.ts';

/** How fast the limiter of a check is. */
export interface LimiterSpeed {
  /** The most that is admitted at once. */
  readonly limit: number;
  /** Milliseconds in which as much comes back. */
  readonly window: number;
}

/** What a check is run on; made anew for each. */
export interface LimiterSubject {
  readonly limiter: AdjustableRateLimiter;
  /** What its time is measured by. @default systemClock */
  readonly clock?: Clock;
  /** Lets so many milliseconds pass, and what was woken by it settle. */
  readonly advance: (milliseconds: number) => Promise<void> | void;
  /** Another limiter with the same state, as another process would have it. Without it that is not checked. */
  second?(): Promise<AdjustableRateLimiter> | AdjustableRateLimiter;
  cleanup(): Promise<void> | void;
}

/** Makes a {@link LimiterSubject}. */
export type CreateLimiterSubject = (
  speed: LimiterSpeed,
) => Promise<LimiterSubject> | LimiterSubject;

/** What is said of a limiter. */
export interface LimiterTraits {
  /** Whether its subjects have `second`. @default false */
  readonly shared?: boolean;
  /** How much more than its law says it may admit, as a limiter with leases does. @default 0 */
  readonly overshoot?: number;
  /** For random sequences. @default 1 */
  readonly seed?: number;
}

/** What a check works with. */
export interface LimiterCheckContext {
  /** A subject so fast; cleaned up after the check. */
  readonly open: (speed: LimiterSpeed) => Promise<LimiterSubject>;
  readonly traits: LimiterTraits;
}

/** One fact about limiters that can be tried. */
export interface LimiterCheck {
  readonly topic: string;
  /** States the fact. */
  readonly title: string;
  /** @throws if it does not hold */
  run(context: LimiterCheckContext): Promise<void>;
}

/** Nothing comes back while a check looks, not even where time is real. */
export const SLOW: LimiterSpeed = { limit: 5, window: 600_000 };
/** Comes back while one can wait for it, but not between two requests, however busy the machine is. */
export const STEADY: LimiterSpeed = { limit: 1, window: 2500 };
/** All comes back soon: where time is real, it may at any moment. */
export const QUICK: LimiterSpeed = { limit: 4, window: 200 };

/** The checks of one topic, each under the fact that it states. */
export function limiterChecksOf(
  topic: string,
  checks: Readonly<Record<string, (context: LimiterCheckContext) => Promise<void>>>,
): readonly LimiterCheck[] {
  return Object.entries(checks).map(([title, run]) => ({ topic, title, run }));
}

/**
 * Runs one check on subjects of its own, which are cleaned up afterwards.
 * @throws what the check throws
 */
export async function runLimiterCheck(
  check: LimiterCheck,
  create: CreateLimiterSubject,
  traits: LimiterTraits = {},
): Promise<void> {
  const subjects: LimiterSubject[] = [];
  const open = async (speed: LimiterSpeed): Promise<LimiterSubject> => {
    const subject = await create(speed);
    subjects.push(subject);
    return subject;
  };
  try {
    await check.run({ open, traits });
  } finally {
    for (const subject of subjects) await subject.cleanup();
  }
}
