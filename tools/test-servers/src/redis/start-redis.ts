import { checkInteger, checkKnown } from '@perf/core';
import { findRedis } from './binaries.ts';
import { completeConfig, type RedisConfig } from './config.ts';
import { connectExternalRedis } from './external-redis.ts';
import { startLocalRedis } from './local-redis.ts';
import type { RedisServer } from './redis-server.ts';

/** Options of {@link startRedis}. */
export interface StartRedisOptions {
  /**
   * Lines of `redis.conf`: `{ maxmemory: '10mb', 'maxmemory-policy': 'allkeys-lru' }`; a list gives several
   * of the same (`user`, `rename-command`, `save`). Not applied to a server whose address came from the environment.
   * @default appendonly yes, appendfsync no, save "", a random requirepass (`''` for none)
   */
  readonly config?: RedisConfig;
  /** Milliseconds until a start that is not ready counts as failed. @default 30_000 */
  readonly startTimeout?: number;
  /** Where `PERF_REDIS_URL` is read. @default process.env */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** The variable that holds the address of a server to use instead. */
export const REDIS_URL_VARIABLE = 'PERF_REDIS_URL';

/**
 * A Redis server of its own on 127.0.0.1, ready when this resolves: a free port, a temporary folder, a
 * random password. Taken from, in this order: the server at `PERF_REDIS_URL` (used as it is), `redis-server`
 * on `PATH` if it is version 7 or newer, Debian packages, which are fetched once into a cache folder
 * without any change to the system. What was written survives `kill()`, not a power cut.
 * @throws {@link TestServerError} when none is found, or it does not start in time
 */
export async function startRedis(options: StartRedisOptions = {}): Promise<RedisServer> {
  checkKnown('startRedis', options, ['config', 'startTimeout', 'env']);
  const { config = {}, startTimeout = 30_000, env = process.env } = options;
  checkInteger('startTimeout', startTimeout);
  const complete = completeConfig('config', config);
  const address = env[REDIS_URL_VARIABLE];
  if (address !== undefined && address !== '') {
    return connectExternalRedis(address, REDIS_URL_VARIABLE, startTimeout);
  }
  return startLocalRedis({ binaries: await findRedis(), config: complete, startTimeout });
}

/**
 * Why {@link startRedis} would find no server here; `undefined` when it finds one. Fetches it if need be.
 * For tests that are skipped, loudly, where there is none.
 */
export async function redisIsMissing(
  env: Readonly<Record<string, string | undefined>> = process.env,
): Promise<string | undefined> {
  const address = env[REDIS_URL_VARIABLE];
  if (address !== undefined && address !== '') return undefined;
  try {
    await findRedis();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
