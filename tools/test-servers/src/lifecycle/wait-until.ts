import { setTimeout as delay } from 'node:timers/promises';
import { systemClock } from '@perf/core';
import { TestServerError } from '../errors.ts';

/** How often a condition is looked at, in milliseconds. */
const POLL = 25;

/**
 * Waits until `missing` gives `undefined`; until then it tells what is missing. An error of it counts as
 * missing as well.
 * @throws {@link TestServerError} with what was missing last, after `timeout` ms
 */
export async function waitUntil(
  server: string,
  what: string,
  timeout: number,
  missing: () => Promise<string | undefined>,
): Promise<void> {
  const deadline = systemClock.now() + timeout;
  for (;;) {
    let reason: string | undefined;
    try {
      reason = await missing();
    } catch (error) {
      reason = error instanceof Error ? error.message : String(error);
    }
    if (reason === undefined) return;
    if (systemClock.now() > deadline) {
      throw new TestServerError(server, `${what} not within ${timeout} ms: ${reason}`);
    }
    await delay(POLL);
  }
}
