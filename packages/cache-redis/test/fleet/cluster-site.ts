import { startRedisCluster, type RedisCluster } from '@perf/test-servers';
import type { Site, Way } from './site.ts';

/** Three masters that share the slots. */
export class ClusterSite implements Site {
  readonly cluster: RedisCluster;

  private constructor(cluster: RedisCluster) {
    this.cluster = cluster;
  }

  static async start(): Promise<ClusterSite> {
    return new ClusterSite(
      await startRedisCluster({
        masters: 3,
        replicasEach: 0,
        config: { 'cluster-require-full-coverage': 'no' },
      }),
    );
  }

  wayOf(): Way {
    const { nodes, password } = this.cluster;
    const way = {
      cluster: nodes.map(({ host, port }) => ({ host, port })),
      connection: password === undefined ? {} : { password },
    };
    return { store: way, bus: way };
  }

  async heal(): Promise<void> {
    await this.cluster.ready();
  }

  async stop(): Promise<void> {
    await this.cluster.stop();
  }
}
