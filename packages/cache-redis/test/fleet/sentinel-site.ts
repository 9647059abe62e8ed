import { startRedisSentinel, type RedisSentinel, type RedisServer } from '@perf/test-servers';
import type { Rollback } from './history.ts';
import type { Site, Way } from './site.ts';
import { now } from './truth.ts';

/** How far behind its primary a replica that is not disturbed may be, in milliseconds. */
const LAG = 1000;

/** A primary with a replica, and Sentinels that put the one in the place of the other. */
export class SentinelSite implements Site {
  readonly #sentinel: RedisSentinel;

  private constructor(sentinel: RedisSentinel) {
    this.#sentinel = sentinel;
  }

  static async start(): Promise<SentinelSite> {
    return new SentinelSite(await startRedisSentinel({ downAfter: 500 }));
  }

  wayOf(): Way {
    const connection = { ...this.#sentinel.clientOptions };
    return { store: { connection }, bus: { connection } };
  }

  /**
   * Takes the primary away until another one has taken its place.
   * @returns what may have been lost by it
   */
  async failOver(
    takeAway: (primary: RedisServer) => Promise<void>,
    giveBack: (primary: RedisServer) => Promise<void>,
  ): Promise<Rollback> {
    const primary = await this.#sentinel.waitForPrimary();
    const kept = now() - LAG;
    const stopped = now();
    await takeAway(primary);
    try {
      await this.#sentinel.waitForPrimary({ not: primary });
    } finally {
      // What it acknowledges until it has been told that it is one no more is lost as well.
      await giveBack(primary);
    }
    await this.heal();
    return { kept, stopped, back: now() };
  }

  /** Everybody agrees on one primary, and the other one follows it. */
  async heal(): Promise<void> {
    await this.#sentinel.ready();
  }

  async stop(): Promise<void> {
    await this.#sentinel.stop();
  }
}
