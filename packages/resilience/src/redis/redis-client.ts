import { ConfigError } from '@perf/core';

/** The part of a client of ioredis, version 5 or 6, that is used here: `Redis`, also of a Sentinel, or `Cluster`. */
export interface RedisLimiterClient {
  readonly status: string;
  call(command: string, ...args: (string | number)[]): Promise<unknown>;
  connect(): Promise<unknown>;
  on(event: string, listener: () => void): unknown;
  off(event: string, listener: () => void): unknown;
}

const METHODS = ['call', 'connect', 'on', 'off'] as const;

/** @throws ConfigError when it is no client of ioredis */
export function checkClient(option: string, client: RedisLimiterClient): RedisLimiterClient {
  const given = client as Partial<RedisLimiterClient> | null | undefined;
  const isClient =
    typeof given === 'object' &&
    given !== null &&
    typeof given.status === 'string' &&
    METHODS.every((name) => typeof given[name] === 'function');
  if (isClient) return client;
  throw new ConfigError(option, client, "a client of ioredis 5 or 6: a 'Redis' or a 'Cluster'");
}
