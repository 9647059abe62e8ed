import { ConfigError } from '@perf/core';
import { TestServerError } from '../errors.ts';
import { stopAll } from '../lifecycle/start-all.ts';
import { waitUntil } from '../lifecycle/wait-until.ts';
import type { RedisServer } from '../redis/redis-server.ts';
import {
  ownerOf,
  ownersBySlot,
  parseClusterNodes,
  SLOTS,
  whatIsMissing,
  type NodeView,
} from './cluster-view.ts';
import type { FailoverMode, RedisCluster, SlotMove } from './redis-cluster.ts';
import { startSlotMove } from './slot-move.ts';

/** Nodes that know of each other. */
export class LocalCluster implements RedisCluster {
  readonly nodes: readonly RedisServer[];
  readonly #timeout: number;

  constructor(nodes: readonly RedisServer[], timeout: number) {
    this.nodes = nodes;
    this.#timeout = timeout;
  }

  get password(): string | undefined {
    return this.nodes[0]?.password;
  }

  async masters(): Promise<readonly RedisServer[]> {
    return ownersBySlot(await this.#anyView()).map((view) => this.#nodeOf(view));
  }

  async replicasOf(master: RedisServer): Promise<readonly RedisServer[]> {
    const view = await this.#anyView();
    const id = view.find(({ port }) => port === master.port)?.id;
    return view
      .filter(({ masterId }) => masterId !== undefined && masterId === id)
      .map((one) => this.#nodeOf(one));
  }

  async slotOf(key: string): Promise<number> {
    return Number(await this.#anyone().command('CLUSTER', 'KEYSLOT', key));
  }

  async masterOf(keyOrSlot: string | number): Promise<RedisServer> {
    const slot = await this.#slot(keyOrSlot);
    const owner = ownerOf(await this.#anyView(), slot);
    if (owner === undefined) {
      throw new TestServerError('redis-cluster', `nobody serves slot ${slot}; wait for ready()`);
    }
    return this.#nodeOf(owner);
  }

  async ready(timeout: number = this.#timeout): Promise<void> {
    await waitUntil('redis-cluster', 'the cluster was ready', timeout, async () => {
      const nodes = this.#answering();
      if (nodes.length === 0) return 'no node runs';
      const views = new Map(
        await Promise.all(nodes.map(async (node) => [node.port, await viewOf(node)] as const)),
      );
      const missing = whatIsMissing(views);
      if (missing !== undefined) return missing;
      const troubles = await Promise.all(nodes.map(troubleOf));
      return troubles.find((trouble) => trouble !== undefined);
    });
  }

  async startSlotMove(keyOrSlot: string | number, to: RedisServer): Promise<SlotMove> {
    const slot = await this.#slot(keyOrSlot);
    const from = await this.masterOf(slot);
    const masters = await this.masters();
    if (!masters.includes(to) || to === from) {
      throw new ConfigError(
        'to',
        to.port,
        `another master than ${from.port}, which has slot ${slot}`,
      );
    }
    return startSlotMove(slot, from, to, masters);
  }

  async failover(replica: RedisServer, mode: FailoverMode = 'graceful'): Promise<void> {
    await replica.command('CLUSTER', 'FAILOVER', ...(mode === 'graceful' ? [] : [mode]));
    await waitUntil('redis-cluster', 'the replica became master', this.#timeout, async () => {
      const own = (await viewOf(replica)).find(({ flags }) => flags.has('myself'));
      return own?.flags.has('master') === true && own.slots.length > 0
        ? undefined
        : `node ${replica.port} has no slots yet`;
    });
    await this.ready();
  }

  stop(): Promise<void> {
    return stopAll(this.nodes);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #slot(keyOrSlot: string | number): Promise<number> {
    if (typeof keyOrSlot === 'string') return this.slotOf(keyOrSlot);
    if (Number.isInteger(keyOrSlot) && keyOrSlot >= 0 && keyOrSlot < SLOTS) return keyOrSlot;
    throw new ConfigError('slot', keyOrSlot, `a whole number from 0 to ${SLOTS - 1}`);
  }

  #answering(): readonly RedisServer[] {
    return this.nodes.filter(({ process }) => process?.running === true && !process.frozen);
  }

  #anyone(): RedisServer {
    const [node] = this.#answering();
    if (node !== undefined) return node;
    throw new TestServerError('redis-cluster', 'no node runs; restart() one first');
  }

  #anyView(): Promise<readonly NodeView[]> {
    return viewOf(this.#anyone());
  }

  #nodeOf({ port }: NodeView): RedisServer {
    const node = this.nodes.find((one) => one.port === port);
    if (node !== undefined) return node;
    throw new TestServerError('redis-cluster', `port ${port} is no node of this cluster`);
  }
}

/** What a node sees. */
export async function viewOf(node: RedisServer): Promise<readonly NodeView[]> {
  return parseClusterNodes(String(await node.command('CLUSTER', 'NODES')));
}

/** Why a node does not serve, by its own account. */
async function troubleOf(node: RedisServer): Promise<string | undefined> {
  const info = String(await node.command('CLUSTER', 'INFO'));
  if (!info.includes('cluster_state:ok')) return `node ${node.port} says that the cluster is down`;
  const replication = String(await node.command('INFO', 'replication'));
  return replication.includes('master_link_status:down')
    ? `node ${node.port} has no link to its master`
    : undefined;
}
