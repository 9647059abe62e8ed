import type { RedisServer } from '../redis/redis-server.ts';

/** How {@link RedisCluster.failover} is done, as in `CLUSTER FAILOVER`. */
export type FailoverMode = 'graceful' | 'force' | 'takeover';

/** A slot on its way from one master to another. */
export interface SlotMove {
  readonly slot: number;
  readonly from: RedisServer;
  readonly to: RedisServer;
  /**
   * Moves keys of the slot: some, if a number is given. The source answers with ASK for those it no longer
   * has, and for those it never had.
   * @returns how many were moved
   */
  moveKeys(count?: number): Promise<number>;
  /** Moves what is left, and makes the target the owner: everyone else answers with MOVED. */
  finish(): Promise<void>;
}

/**
 * Redis Cluster on loopback. Its nodes can be killed, frozen and restarted one by one; a node keeps its
 * identity and its place even if it is restarted without its data.
 */
export interface RedisCluster extends AsyncDisposable {
  /** All nodes: first those that began as masters, by their slots, then the replicas in the same order. */
  readonly nodes: readonly RedisServer[];
  /** The same for every node. */
  readonly password: string | undefined;
  /** The present masters by their slots, as the first node that answers sees it. */
  masters(): Promise<readonly RedisServer[]>;
  /** The present replicas of a master. */
  replicasOf(master: RedisServer): Promise<readonly RedisServer[]>;
  /** The slot of a key. */
  slotOf(key: string): Promise<number>;
  /** The present master of a key or slot. */
  masterOf(keyOrSlot: string | number): Promise<RedisServer>;
  /**
   * Waits until all running nodes know each other and agree, and running masters serve all slots: after
   * a start, a restart, or a failover. Nodes that are down or frozen are not asked.
   * @throws {@link TestServerError} with what is missing, after `timeout` ms (by default the start's)
   */
  ready(timeout?: number): Promise<void>;
  /** Begins to move a slot, or that of a key: its present master migrates, `to` imports. */
  startSlotMove(keyOrSlot: string | number, to: RedisServer): Promise<SlotMove>;
  /**
   * Makes a replica the master in its master's place, and waits until all running nodes agree.
   * `graceful` needs the master, loses nothing; `force` needs the other masters; `takeover` needs nobody.
   * @param mode `graceful` by default
   */
  failover(replica: RedisServer, mode?: FailoverMode): Promise<void>;
  /** Ends all nodes and removes their data. Idempotent. */
  stop(): Promise<void>;
}
