import { checkKnown, checkString, ConfigError, MissingDriverError } from '@perf/core';
import { checkClient, checkConnection, checkNodes } from './check-client.ts';
import type { RedisClient, RedisCluster, RedisConnection } from './redis-client.ts';

/** Where a node of a cluster is. */
export interface RedisNodeAddress {
  readonly host: string;
  /** @default 6379 */
  readonly port?: number;
}

/** How to connect: options of ioredis's `Redis`, such as these. */
export interface RedisConnectionOptions {
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  /** A Unix socket. */
  readonly path?: string | undefined;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly db?: number | undefined;
  /** Options of `tls.connect`. */
  readonly tls?: object | undefined;
  /** The Sentinels that know the master; with `name`. */
  readonly sentinels?: readonly RedisNodeAddress[] | undefined;
  /** What the Sentinels call the master. */
  readonly name?: string | undefined;
  readonly [option: string]: unknown;
}

/** Where the connection comes from: exactly one of `client`, `url`, `connection` and `cluster` (with `connection` for its nodes). */
export interface ClientSource {
  /**
   * A client of ioredis 5 or 6, used as it is: who made it closes it. Needs `enableOfflineQueue: false`,
   * `autoResendUnfulfilledCommands: false`, a finite `commandTimeout`, and for a `Cluster` 0 for
   * `retryDelayOnFailover`, `retryDelayOnClusterDown` and `retryDelayOnTryAgain`: with other settings a write
   * that was given up would take effect later.
   */
  readonly client?: RedisClient;
  /** `redis://user:password@host:port/db`, or `rediss:` for TLS. Connects at the first call. */
  readonly url?: string;
  /** Options of ioredis, for one server or Sentinels; with `cluster` for its nodes. Connects at the first call. */
  readonly connection?: RedisConnectionOptions;
  /** Nodes of a Redis Cluster, any of them. Connects at the first call. */
  readonly cluster?: readonly RedisNodeAddress[];
}

/** The classes of ioredis. */
export interface RedisDriver {
  readonly Redis: new (options: object) => RedisConnection;
  readonly Cluster: new (nodes: readonly object[], options: object) => RedisCluster;
}

/** Makes a client, or gives the one that was handed in. */
export interface ClientMaker {
  /** The client that was handed in. */
  readonly given: RedisClient | undefined;
  /** The database, where that is known. */
  readonly database: number;
  /** @throws {@link MissingDriverError} when ioredis is not installed */
  make(): Promise<RedisClient>;
}

/** The names of the options in {@link ClientSource}. */
export const SOURCE_OPTIONS: readonly (keyof ClientSource)[] = [
  'client',
  'url',
  'connection',
  'cluster',
];

const PACKAGE = 'ioredis';
const NEEDED_BY = '@perf/cache-redis';

const FIRST_RETRY = 50;
const LONGEST_RETRY = 2000;
/** In milliseconds. Without an answer for so long a connection is given up for a new one. */
const SOCKET_TIMEOUT = 5000;

/** What a client has unless it is told otherwise. What would let a write land late cannot be told otherwise. */
const DEFAULTS = {
  // The master has become a replica: its name may lead to another one by now.
  reconnectOnError: (error: Error) => error.message.startsWith('READONLY'),
  connectTimeout: 2000,
  commandTimeout: 5000,
  socketTimeout: SOCKET_TIMEOUT,
  keepAlive: 10_000,
  noDelay: true,
};
const REQUIRED = {
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  enableAutoPipelining: false,
  maxRetriesPerRequest: 0,
  lazyConnect: true,
};

/**
 * Checks where the connection comes from.
 * @throws ConfigError naming the option that is not right
 */
export function resolveSource(
  what: string,
  source: ClientSource,
  load: () => Promise<RedisDriver> = loadDriver,
): ClientMaker {
  const { client, url, connection, cluster } = source;
  const given = (['client', 'url', 'cluster'] as const).filter(
    (name) => source[name] !== undefined,
  );
  if (given.length > 1 || (client !== undefined && connection !== undefined)) {
    throw new ConfigError(
      given[1] ?? 'connection',
      undefined,
      `absent beside ${what}.${given[0] ?? 'client'}: one of ${SOURCE_OPTIONS.join(', ')} says where Redis is`,
    );
  }
  if (client !== undefined) {
    checkClient(client);
    const { db } = client.options as { readonly db?: unknown };
    return { given: client, database: Number(db ?? 0), make: () => Promise.resolve(client) };
  }
  if (given.length === 0 && connection === undefined) {
    throw new ConfigError('client', undefined, `given, or one of url, connection and cluster`);
  }
  if (connection !== undefined && (typeof connection !== 'object' || connection === null)) {
    throw new ConfigError('connection', connection, 'an object of options of ioredis');
  }
  for (const name of Object.keys(REQUIRED)) {
    if (connection?.[name] !== undefined) {
      throw new ConfigError(`connection.${name}`, connection[name], 'absent: it is set by us');
    }
  }
  if (cluster !== undefined) return clusterMaker(cluster, connection ?? {}, load);
  const options: RedisConnectionOptions = {
    ...(url === undefined ? {} : parseUrl(url)),
    ...connection,
  };
  const settings = { retryStrategy, ...DEFAULTS, ...options, ...REQUIRED };
  checkConnection('connection', settings);
  return {
    given: undefined,
    database: options.db ?? 0,
    make: async () => new (await load()).Redis(settings),
  };
}

function clusterMaker(
  cluster: readonly RedisNodeAddress[],
  connection: RedisConnectionOptions,
  load: () => Promise<RedisDriver>,
): ClientMaker {
  if (!Array.isArray(cluster) || cluster.length === 0) {
    throw new ConfigError('cluster', cluster, 'a list of at least one { host, port }');
  }
  const nodes = cluster.map((node: RedisNodeAddress, index) => {
    checkKnown(`cluster[${index}]`, node, ['host', 'port']);
    return { port: 6379, ...node, host: checkString(`cluster[${index}].host`, node.host) };
  });
  const settings = {
    enableOfflineQueue: false,
    enableAutoPipelining: false,
    scaleReads: 'master',
    retryDelayOnFailover: 0,
    // The driver would send again what was given up meanwhile. What is worth it we send again ourselves.
    retryDelayOnClusterDown: 0,
    retryDelayOnTryAgain: 0,
    maxRedirections: 5,
    slotsRefreshTimeout: 2000,
    lazyConnect: true,
    clusterRetryStrategy: retryStrategy,
    redisOptions: { ...DEFAULTS, ...connection, autoResendUnfulfilledCommands: false },
  };
  checkNodes('connection', settings);
  return {
    given: undefined,
    database: 0,
    make: async () => new (await load()).Cluster(nodes, settings),
  };
}

/**
 * The driver that is installed beside this package.
 * @throws {@link MissingDriverError} when there is none
 */
async function loadDriver(): Promise<RedisDriver> {
  try {
    // A variable, so that neither the compiler nor a bundler insists on an optional package.
    const specifier: string = PACKAGE;
    const { Redis, Cluster } = (await import(specifier)) as Partial<RedisDriver>;
    if (Redis === undefined || Cluster === undefined) throw new Error(`${PACKAGE} is too old`);
    return { Redis, Cluster };
  } catch (cause) {
    throw new MissingDriverError(PACKAGE, NEEDED_BY, { cause });
  }
}

function retryStrategy(times: number): number {
  return Math.min(FIRST_RETRY * 2 ** Math.min(times - 1, 10), LONGEST_RETRY);
}

/** The options in an address. The error shows none of it: any part may be a piece of the password. */
function parseUrl(url: string): RedisConnectionOptions {
  checkString('url', url);
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  const database = parsed?.pathname.replace(/^\//, '') ?? '';
  if (
    parsed === undefined ||
    !/^rediss?:$/.test(parsed.protocol) ||
    parsed.hostname === '' ||
    !/^\d*$/.test(database)
  ) {
    throw refusal('of the form redis://user:password@host:port/database, or rediss: for TLS');
  }
  if (parsed.search !== '' || parsed.hash !== '') {
    throw refusal('without ? and #: TLS is rediss:, and other options go into connection');
  }
  return {
    host: parsed.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: parsed.port === '' ? 6379 : Number(parsed.port),
    ...(parsed.username === '' ? {} : { username: decoded(parsed.username) }),
    ...(parsed.password === '' ? {} : { password: decoded(parsed.password) }),
    ...(database === '' ? {} : { db: Number(database) }),
    ...(parsed.protocol === 'rediss:' ? { tls: {} } : {}),
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw refusal('with user and password percent-encoded: a % is %25');
  }
}

function refusal(expected: string): ConfigError {
  return new ConfigError('url', undefined, `${expected} (not shown: it may hold a password)`);
}
