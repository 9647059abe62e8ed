/** What a command takes. */
export type RedisArgument = string | number | Buffer;

/** The part of ioredis's `Redis`, version 5 or 6, that is used here. */
export interface RedisConnection {
  readonly status: string;
  readonly options: object;
  connect(): Promise<unknown>;
  disconnect(reconnect?: boolean): void;
  quit(): Promise<unknown>;
  call(command: string, ...args: RedisArgument[]): Promise<unknown>;
  callBuffer(command: string, ...args: RedisArgument[]): Promise<unknown>;
  on(event: string, listener: (...args: unknown[]) => void): unknown;
  off(event: string, listener: (...args: unknown[]) => void): unknown;
  duplicate(options?: object): RedisConnection;
}

/** The part of ioredis's `Cluster`, version 5 or 6, that is used here. */
export interface RedisCluster {
  readonly isCluster: boolean;
  readonly status: string;
  readonly options: object;
  connect(): Promise<unknown>;
  disconnect(): void;
  quit(): Promise<unknown>;
  call(command: string, ...args: RedisArgument[]): Promise<unknown>;
  callBuffer(command: string, ...args: RedisArgument[]): Promise<unknown>;
  on(event: string, listener: (...args: unknown[]) => void): unknown;
  off(event: string, listener: (...args: unknown[]) => void): unknown;
  nodes(role?: 'all' | 'master' | 'slave'): RedisConnection[];
  refreshSlotsCache(callback?: (error?: unknown) => void): void;
}

/** A client of ioredis, version 5 or 6: `Redis` (also of a Sentinel) or `Cluster`. */
export type RedisClient = RedisConnection | RedisCluster;

export function isCluster(client: RedisClient): client is RedisCluster {
  return 'isCluster' in client && client.isCluster;
}

/** A setting of a client, whose options are typed differently in every version. */
function settingOf(client: { readonly options: object }, name: string): unknown {
  return (client.options as Readonly<Record<string, unknown>>)[name];
}

/** How long connecting may take, in milliseconds; the driver's default where a client was handed in without it. */
export function connectTimeoutOf(client: RedisClient): number {
  const options = isCluster(client) ? settingOf(client, 'redisOptions') : client.options;
  const given = (options as { readonly connectTimeout?: unknown } | undefined)?.connectTimeout;
  return typeof given === 'number' && given > 0 ? given : 10_000;
}

/** The part of a connection's socket that is used here. */
export interface RedisStream {
  readonly remoteAddress?: string;
  readonly remotePort?: number;
  cork(): void;
  uncork(): void;
}

/** The socket, where the driver shows it. */
export function streamOf(node: RedisConnection): RedisStream | undefined {
  const { stream } = node as { readonly stream?: Partial<RedisStream> };
  return typeof stream?.cork === 'function' ? (stream as RedisStream) : undefined;
}

/** Where a connection leads to, as it was set up. */
export function addressOf(node: RedisConnection): string {
  return `${String(settingOf(node, 'host'))}:${String(settingOf(node, 'port'))}`;
}

/** Whether the client takes the node of a cluster for a replica. */
export function isReplica(node: RedisConnection): boolean {
  return settingOf(node, 'readOnly') === true;
}
