import type { AdjustableRateLimiter, Decision } from '../../limiters/rate-limiter.ts';

/** Tries so often without waiting. */
export async function tryTimes(
  limiter: AdjustableRateLimiter,
  times: number,
  key?: string,
): Promise<Decision[]> {
  const decisions: Decision[] = [];
  for (let one = 0; one < times; one++) decisions.push(await limiter.take(key, { timeout: 0 }));
  return decisions;
}

/** Takes until it is refused, at most `most` times. @returns how often it was admitted */
export async function drain(
  limiter: AdjustableRateLimiter,
  most: number,
  key?: string,
): Promise<number> {
  for (let taken = 0; taken < most; taken++) {
    if (!(await limiter.take(key, { timeout: 0 })).admitted) return taken;
  }
  return most;
}

/** Notes who ends in which order. */
export function follow(order: string[], name: string, wait: Promise<Decision>): Promise<void> {
  return wait.then(
    ({ admitted }) => {
      order.push(admitted ? name : `${name} refused`);
    },
    (error: unknown) => {
      order.push(`${name} ${error instanceof Error ? error.name : String(error)}`);
    },
  );
}
