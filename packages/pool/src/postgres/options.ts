import {
  checkBoolean,
  checkFunction,
  checkInteger,
  checkKnown,
  checkString,
  ConfigError,
  toMilliseconds,
  type Duration,
  type Policy,
} from '@perf/core';
import {
  poolSettings,
  type PoolOptions,
  type PoolSettings,
} from '../configuration/pool-options.ts';
import type { PostgresClient } from './client.ts';
import type { PostgresSession } from './session.ts';
import type { CatalogOptions } from './statement-catalog.ts';

/** How to connect: options of pg's `Client`, such as these. What is absent comes from libpq's environment variables, such as `PGHOST`. */
export interface PostgresConnectionOptions {
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  readonly user?: string | undefined;
  /** A function is asked at each connection: for tokens that expire. */
  readonly password?: string | (() => string | Promise<string>) | undefined;
  readonly database?: string | undefined;
  /** Options of `tls.connect`, or `true`. */
  readonly ssl?: boolean | object | undefined;
  readonly application_name?: string | undefined;
  /** Milliseconds after which the server ends a statement by itself, also when we are gone. */
  readonly statement_timeout?: number | false | undefined;
  readonly lock_timeout?: number | undefined;
  readonly idle_in_transaction_session_timeout?: number | undefined;
  readonly [option: string]: unknown;
}

/** When statements are prepared. */
export interface PrepareOptions {
  /** How often a text must have been used. @default 5 */
  readonly after?: number | undefined;
  /** How many are kept, in the pool and on each connection. @default 200 */
  readonly max?: number | undefined;
}

/** Options of `createPostgresPool`. */
export interface PostgresPoolOptions extends PoolOptions {
  /** `postgres://user:password@host:port/database`. */
  readonly connectionString?: string | undefined;
  /** Options of pg's `Client`; where both say the same thing, `connectionString` is right. */
  readonly connection?: PostgresConnectionOptions | undefined;
  /** Makes a client of pg that is not connected, instead of both; once for each connection, and for each cancellation. */
  readonly client?: (() => PostgresClient | PromiseLike<PostgresClient>) | undefined;
  /** Prepares each connection, before anybody gets it; when it fails, so does the connection. @default nothing is done */
  readonly onConnect?: ((session: PostgresSession) => void | PromiseLike<void>) | undefined;
  /** How long a query may run, each of a transaction by itself; `Infinity` for no limit. @default '1m' */
  readonly queryTimeout?: Duration | undefined;
  /**
   * Prepares queries with values whose text is used often, so that the server plans them once. `false` behind a bouncer that hands out connections for
   * a transaction and does not know prepared statements. @default true
   */
  readonly prepare?: boolean | PrepareOptions | undefined;
  /** Runs each `query` and `transaction` of the pool, the wait included, such as a breaker that protects the database. @default none */
  readonly queryPolicy?: Policy | undefined;
}

/** {@link PostgresPoolOptions}, checked. */
export interface PostgresPoolSettings {
  /** Those that all pools have. */
  readonly pool: PoolSettings;
  /** Of pg's `Client`. Holds the password. */
  readonly driverOptions: Readonly<Record<string, unknown>>;
  readonly client: PostgresPoolOptions['client'];
  readonly onConnect: PostgresPoolOptions['onConnect'];
  readonly queryTimeout: number;
  readonly catalog: CatalogOptions;
  readonly queryPolicy: Policy | undefined;
}

const KIND = 'postgresPool';
const OWN = [
  'connectionString',
  'connection',
  'client',
  'onConnect',
  'queryTimeout',
  'prepare',
  'queryPolicy',
];
/** Options of pg that would work against ours. */
const OURS: Readonly<Record<string, string>> = {
  connectionString: 'connectionString beside connection',
  connectionTimeoutMillis: 'connectTimeout',
  query_timeout: 'queryTimeout',
  pipeline: 'nothing: queries of one connection run one after another',
  max: 'max beside connection',
  min: 'min beside connection',
};

/** @throws {@link ConfigError} naming the option that is refused */
export function postgresPoolSettings(options: PostgresPoolOptions): PostgresPoolSettings {
  const pool = poolSettings(KIND, options, OWN);
  const { client, connection, connectionString, onConnect, queryPolicy } = options;
  if (client !== undefined) {
    checkFunction(`${KIND}.client`, client);
    for (const other of ['connection', 'connectionString'] as const) {
      if (options[other] !== undefined) {
        throw new ConfigError(`${KIND}.${other}`, undefined, `absent beside client`);
      }
    }
  }
  if (onConnect !== undefined) checkFunction(`${KIND}.onConnect`, onConnect);
  if (queryPolicy !== undefined && typeof queryPolicy.execute !== 'function') {
    throw new ConfigError(`${KIND}.queryPolicy`, queryPolicy, 'something with a method execute');
  }
  return {
    pool,
    client,
    driverOptions: {
      ...checkConnection(connection),
      ...(connectionString === undefined ? {} : { connectionString: checkUrl(connectionString) }),
    },
    onConnect,
    queryTimeout: toMilliseconds(`${KIND}.queryTimeout`, options.queryTimeout ?? '1m', {
      infinite: true,
    }),
    catalog: catalogOptions(options.prepare ?? true),
    queryPolicy,
  };
}

function catalogOptions(prepare: boolean | PrepareOptions): CatalogOptions {
  const path = `${KIND}.prepare`;
  if (typeof prepare !== 'object' || prepare === null) {
    return { after: 5, max: checkBoolean(path, prepare) ? 200 : 0 };
  }
  checkKnown(path, prepare, ['after', 'max']);
  return {
    after: checkInteger(`${path}.after`, prepare.after ?? 5),
    max: checkInteger(`${path}.max`, prepare.max ?? 200),
  };
}

function checkConnection(connection: PostgresConnectionOptions = {}): PostgresConnectionOptions {
  const path = `${KIND}.connection`;
  if (typeof connection !== 'object' || connection === null) {
    // Not shown: it may hold the password.
    throw new ConfigError(
      path,
      undefined,
      'an object of options of pg (what was given is not shown)',
    );
  }
  for (const [name, instead] of Object.entries(OURS)) {
    if (connection[name] !== undefined) {
      throw new ConfigError(`${path}.${name}`, undefined, `absent: use ${instead}`);
    }
  }
  return connection;
}

/** As pg reads it: also without a host, for a socket. The error shows none of it: any part may be a piece of the password. */
function checkUrl(url: string): string {
  const expected =
    'of the form postgres://user:password@host:port/database, percent-encoded (not shown: it may hold the password)';
  const path = `${KIND}.connectionString`;
  if (typeof url !== 'string' || url === '') throw new ConfigError(path, undefined, expected);
  checkString(path, url);
  const isUrl = /^postgres(ql)?:\/\//.test(url);
  if (isUrl && !URL.canParse(url) && !URL.canParse(url.replace('@/', '@host/'))) {
    throw new ConfigError(path, undefined, expected);
  }
  return url;
}
