import { join } from 'node:path';
import { checkInteger, checkKnown } from '@perf/core';
import { startAll, stopAll } from '../lifecycle/start-all.ts';
import { waitUntil } from '../lifecycle/wait-until.ts';
import { findRedis } from '../redis/binaries.ts';
import { completeConfig, passwordOf, quoted, type RedisConfig } from '../redis/config.ts';
import { startLocalRedis } from '../redis/local-redis.ts';
import type { RedisServer } from '../redis/redis-server.ts';
import { shareSlots } from './cluster-view.ts';
import { LocalCluster, viewOf } from './local-cluster.ts';
import type { RedisCluster } from './redis-cluster.ts';
import { identity } from './slot-move.ts';

/** Options of {@link startRedisCluster}. */
export interface StartRedisClusterOptions {
  /** How many masters share the slots. @default 3 */
  readonly masters?: number;
  /** How many replicas each master has. @default 1 */
  readonly replicasEach?: number;
  /**
   * Milliseconds of silence after which a node counts as failed; another second or two, and its replica
   * is elected. @default 1000
   */
  readonly nodeTimeout?: number;
  /** Lines of every node's `redis.conf`, as for `startRedis`. @default as for `startRedis` */
  readonly config?: RedisConfig;
  /** Milliseconds until a start that is not ready counts as failed. @default 30_000 */
  readonly startTimeout?: number;
}

/**
 * Redis Cluster of its own on 127.0.0.1, ready when this resolves: every node knows all, and serves. Redis
 * is found as by `startRedis`, but `PERF_REDIS_URL` is not looked at. Takes two to three seconds, since a
 * master waits for two before it serves.
 * @throws {@link TestServerError} when Redis is not found, or the cluster is not ready in time
 */
export async function startRedisCluster(
  options: StartRedisClusterOptions = {},
): Promise<RedisCluster> {
  checkKnown('startRedisCluster', options, [
    'masters',
    'replicasEach',
    'nodeTimeout',
    'config',
    'startTimeout',
  ]);
  const { masters = 3, replicasEach = 1, nodeTimeout = 1000, startTimeout = 30_000 } = options;
  checkInteger('masters', masters, { max: 50 });
  checkInteger('replicasEach', replicasEach, { min: 0, max: 5 });
  checkInteger('nodeTimeout', nodeTimeout, { min: 100 });
  checkInteger('startTimeout', startTimeout);
  const config = clusterConfig(completeConfig('config', options.config ?? {}), nodeTimeout);
  const binaries = await findRedis();
  const nodes = await startAll(
    Array.from({ length: masters * (1 + replicasEach) }, () =>
      startLocalRedis({
        binaries,
        config,
        startTimeout,
        // Beside the data, so that a node without data is still the same node.
        configIn: ({ home }) => ({ 'cluster-config-file': quoted(join(home, 'nodes.conf')) }),
      }),
    ),
  );
  try {
    await joinNodes(nodes, masters, startTimeout);
    const cluster = new LocalCluster(nodes, startTimeout);
    await cluster.ready();
    return cluster;
  } catch (error) {
    await stopAll(nodes);
    throw error;
  }
}

function clusterConfig(config: RedisConfig, nodeTimeout: number): RedisConfig {
  const password = passwordOf(config);
  return {
    'cluster-enabled': 'yes',
    'cluster-node-timeout': String(nodeTimeout),
    ...(password !== undefined && { masterauth: quoted(password) }),
    ...config,
  };
}

/** Gives the first nodes their slots, makes all known to all, and the rest replicas. */
async function joinNodes(
  nodes: readonly RedisServer[],
  masters: number,
  timeout: number,
): Promise<void> {
  await Promise.all(
    shareSlots(masters).map(async ([first, last], index) => {
      const node = nodes[index];
      await node?.command('CLUSTER', 'ADDSLOTSRANGE', first, last);
      await node?.command('CLUSTER', 'SET-CONFIG-EPOCH', index + 1);
    }),
  );
  // Every pair by itself: waiting for gossip takes seconds.
  await Promise.all(
    nodes.map(async (node, index) => {
      for (const other of nodes.slice(index + 1)) {
        await node.command('CLUSTER', 'MEET', other.host, other.port);
      }
    }),
  );
  await Promise.all(
    nodes.slice(masters).map(async (replica, index) => {
      const master = nodes[index % masters];
      if (master === undefined) return;
      const id = await identity(master);
      await waitUntil('redis-cluster', 'a replica met its master', timeout, async () =>
        (await viewOf(replica)).some((node) => node.id === id && !node.flags.has('handshake'))
          ? undefined
          : `node ${replica.port} does not know node ${master.port}`,
      );
      await replica.command('CLUSTER', 'REPLICATE', id);
    }),
  );
}
