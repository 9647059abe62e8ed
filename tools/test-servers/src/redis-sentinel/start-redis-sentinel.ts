import { checkInteger, checkKnown } from '@perf/core';
import { startAll, stopAll } from '../lifecycle/start-all.ts';
import { waitUntil } from '../lifecycle/wait-until.ts';
import { findRedis, type RedisBinaries } from '../redis/binaries.ts';
import { completeConfig, passwordOf, quoted, type RedisConfig } from '../redis/config.ts';
import { startLocalRedis } from '../redis/local-redis.ts';
import type { RedisServer } from '../redis/redis-server.ts';
import { LocalSentinel } from './local-sentinel.ts';
import type { RedisSentinel } from './redis-sentinel.ts';

/** Options of {@link startRedisSentinel}. */
export interface StartRedisSentinelOptions {
  /** How many sentinels; more than half of them decide. @default 3 */
  readonly sentinels?: number;
  /** How many replicas the primary has. @default 1 */
  readonly replicas?: number;
  /** Milliseconds of silence after which a sentinel takes a server for down. @default 1000 */
  readonly downAfter?: number;
  /** Milliseconds that a failover may take; after twice that, another is tried. @default 3000 */
  readonly failoverTimeout?: number;
  /** Lines of every server's `redis.conf`, as for `startRedis`. @default as for `startRedis` */
  readonly config?: RedisConfig;
  /** Milliseconds until a start that is not ready counts as failed. @default 30_000 */
  readonly startTimeout?: number;
}

/** What the sentinels call the primary. */
const NAME = 'perf';

/**
 * How often sentinels look at servers and talk to each other, in milliseconds: by default every 10, 2 and 1 s.
 * A replica that was not looked at for three times the first cannot be promoted, so it is not shorter.
 * @see https://redis.io/docs/latest/operate/oss_and_stack/management/sentinel/
 */
const PACE = ['info-period', 500, 'publish-period', 200, 'ask-period', 200];

/**
 * A primary, replicas and sentinels on 127.0.0.1, ready when this resolves: all know each other. Redis is
 * found as by `startRedis`, but `PERF_REDIS_URL` is not looked at.
 * @throws {@link TestServerError} when Redis is not found, or it is not ready in time
 */
export async function startRedisSentinel(
  options: StartRedisSentinelOptions = {},
): Promise<RedisSentinel> {
  checkKnown('startRedisSentinel', options, [
    'sentinels',
    'replicas',
    'downAfter',
    'failoverTimeout',
    'config',
    'startTimeout',
  ]);
  const { sentinels = 3, replicas = 1, downAfter = 1000, failoverTimeout = 3000 } = options;
  const { startTimeout = 30_000 } = options;
  checkInteger('sentinels', sentinels, { max: 20 });
  checkInteger('replicas', replicas, { min: 0, max: 20 });
  checkInteger('downAfter', downAfter, { min: 100 });
  checkInteger('failoverTimeout', failoverTimeout, { min: 100 });
  checkInteger('startTimeout', startTimeout);
  const complete = completeConfig('config', options.config ?? {});
  const password = passwordOf(complete);
  const config = { ...(password !== undefined && { masterauth: quoted(password) }), ...complete };
  const binaries = await findRedis();
  const nodes = await startNodes(binaries, config, replicas, startTimeout);
  let watchers: readonly RedisServer[] = [];
  try {
    await Promise.all(nodes.slice(1).map((replica) => linked(replica, startTimeout)));
    watchers = await startAll(
      Array.from({ length: sentinels }, () =>
        startLocalRedis({
          binaries,
          config: sentinelConfig(nodes[0]?.port ?? 0, password, {
            quorum: Math.floor(sentinels / 2) + 1,
            downAfter,
            failoverTimeout,
          }),
          startTimeout,
          args: ['--sentinel'],
        }),
      ),
    );
    await Promise.all(watchers.map((watcher) => watcher.command('SENTINEL', 'DEBUG', ...PACE)));
    const started = new LocalSentinel(NAME, nodes, watchers, startTimeout);
    await started.ready();
    return started;
  } catch (error) {
    await stopAll([...watchers, ...nodes]);
    throw error;
  }
}

/** The primary, and then at once all its replicas. */
async function startNodes(
  binaries: RedisBinaries,
  config: RedisConfig,
  replicas: number,
  startTimeout: number,
): Promise<readonly RedisServer[]> {
  const primary = await startLocalRedis({ binaries, config, startTimeout });
  const replicaConfig = { ...config, replicaof: `${primary.host} ${primary.port}` };
  try {
    const rest = await startAll(
      Array.from({ length: replicas }, () =>
        startLocalRedis({ binaries, config: replicaConfig, startTimeout }),
      ),
    );
    return [primary, ...rest];
  } catch (error) {
    await primary.stop();
    throw error;
  }
}

/** Until then the primary does not name it, and sentinels would look for it much later. */
function linked(replica: RedisServer, timeout: number): Promise<void> {
  return waitUntil('redis-sentinel', 'a replica reached its primary', timeout, async () => {
    const info = String(await replica.command('INFO', 'replication'));
    return info.includes('master_link_status:up') ? undefined : `${replica.port} has no link`;
  });
}

function sentinelConfig(
  port: number,
  password: string | undefined,
  rules: { readonly quorum: number; readonly downAfter: number; readonly failoverTimeout: number },
): RedisConfig {
  const { quorum, downAfter, failoverTimeout } = rules;
  return {
    ...(password !== undefined && { requirepass: password }),
    sentinel: [
      `monitor ${NAME} 127.0.0.1 ${port} ${quorum}`,
      `down-after-milliseconds ${NAME} ${downAfter}`,
      `failover-timeout ${NAME} ${failoverTimeout}`,
      ...(password === undefined
        ? []
        : [`auth-pass ${NAME} ${quoted(password)}`, `sentinel-pass ${quoted(password)}`]),
    ],
  };
}
