import {
  startProxy,
  startRedis,
  type FaultProxy,
  type RedisServer,
  type RedisSnapshot,
} from '@perf/test-servers';
import type { RedisConnectionOptions } from '../../src/index.ts';
import type { Rollback } from './history.ts';
import type { Site, Way } from './site.ts';
import { now } from './truth.ts';

/** The proxies between one place in a fleet and the server. */
export interface Lines {
  readonly store: FaultProxy;
  readonly bus: FaultProxy;
}

/** One server, with ways of its own for each place in the fleet. */
export class RedisSite implements Site {
  readonly redis: RedisServer;
  readonly #lines: readonly Lines[];
  readonly #connection: RedisConnectionOptions;
  #snapshot: { readonly copy: RedisSnapshot; readonly kept: number } | undefined;

  private constructor(
    redis: RedisServer,
    lines: readonly Lines[],
    connection: RedisConnectionOptions,
  ) {
    this.redis = redis;
    this.#lines = lines;
    this.#connection = connection;
  }

  /** @param connection what the stores' connections are like */
  static async start(places: number, connection: RedisConnectionOptions = {}): Promise<RedisSite> {
    const redis = await startRedis();
    const lines: Lines[] = [];
    for (let place = 0; place < places; place++) {
      const [store, bus] = [
        await startProxy({ target: redis }),
        await startProxy({ target: redis }),
      ];
      lines.push({ store, bus });
    }
    return new RedisSite(redis, lines, connection);
  }

  linesOf(slot: number): Lines {
    const lines = this.#lines[slot];
    if (lines === undefined) throw new Error(`no place ${slot}`);
    return lines;
  }

  wayOf(slot: number): Way {
    const { store, bus } = this.linesOf(slot);
    return {
      store: { url: store.url ?? '', connection: this.#connection },
      bus: { url: bus.url ?? '' },
    };
  }

  /** Copies the data: what is acknowledged from here on is not in it. */
  async keepCopy(): Promise<void> {
    const kept = now();
    this.#snapshot = { copy: await this.redis.saveSnapshot(), kept };
  }

  /** Has the server come back with the copy, if there is one. */
  async restoreCopy(): Promise<Rollback | undefined> {
    if (this.#snapshot === undefined) return undefined;
    const { copy, kept } = this.#snapshot;
    const stopped = now();
    await this.redis.kill();
    await this.redis.restart({ snapshot: copy });
    return { kept, stopped, back: now() };
  }

  async heal(): Promise<void> {
    for (const { store, bus } of this.#lines) {
      await store.resume();
      await bus.resume();
    }
    await this.redis.thaw();
    await this.redis.command('CONFIG', 'SET', 'maxmemory', '0');
  }

  async stop(): Promise<void> {
    await Promise.all(this.#lines.flatMap(({ store, bus }) => [store.close(), bus.close()]));
    await this.redis.stop();
  }
}
