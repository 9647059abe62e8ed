import type { RedisServer } from '../redis/redis-server.ts';

/** Options of ioredis, with which it finds the primary; a copy for each who asks. */
export interface SentinelClientOptions {
  readonly sentinels: { readonly host: string; readonly port: number }[];
  readonly name: string;
  readonly password?: string;
  readonly sentinelPassword?: string;
}

/** What {@link RedisSentinel.waitForPrimary} waits for. */
export interface WaitForPrimaryOptions {
  /** The one that it may no longer be. @default none */
  readonly not?: RedisServer;
  /** In milliseconds. @default the start's */
  readonly timeout?: number;
}

/** A primary with replicas, watched over by sentinels, on loopback. All can be killed, frozen and restarted one by one. */
export interface RedisSentinel extends AsyncDisposable {
  /** What the sentinels call the primary. */
  readonly name: string;
  /** The first primary, then its replicas. */
  readonly nodes: readonly RedisServer[];
  readonly sentinels: readonly RedisServer[];
  /** The same for all, sentinels included. */
  readonly password: string | undefined;
  readonly clientOptions: SentinelClientOptions;
  /** The primary, as the first sentinel that answers sees it. */
  primary(): Promise<RedisServer>;
  /**
   * Waits until all running sentinels agree on a primary that runs and takes writes. Sentinels that are down
   * or frozen are not asked.
   * @throws {@link TestServerError} with what is missing, after the timeout
   */
  waitForPrimary(options?: WaitForPrimaryOptions): Promise<RedisServer>;
  /**
   * Waits until all running sentinels know the whole group and see its primary up, and all running replicas
   * follow that: after a start, a restart, or a failover.
   * @throws {@link TestServerError} with what is missing, after `timeout` ms (by default the start's)
   */
  ready(timeout?: number): Promise<void>;
  /** Has a sentinel put a replica in the primary's place, whatever the state of that, and waits for it. */
  failover(): Promise<RedisServer>;
  /** Ends all and removes their data. Idempotent. */
  stop(): Promise<void>;
}
