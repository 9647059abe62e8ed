import {
  checkBoolean,
  checkOneOf,
  ConfigError,
  toBytes,
  toMilliseconds,
  type ByteSize,
  type Duration,
} from '@perf/core';
import type { RetryOptions } from '@perf/resilience';
import {
  poolSettings,
  type PoolOptions,
  type PoolSettings,
} from '../configuration/pool-options.ts';
import type { ClickHouseClient, ClickHouseSettings } from './client.ts';

/** Options of `createClient` of `@clickhouse/client` that say who asks and how; those of connections and time are the pool's. */
export interface ClickHouseConnectionOptions {
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly access_token?: string | undefined;
  readonly database?: string | undefined;
  readonly role?: string | readonly string[] | undefined;
  readonly application?: string | undefined;
  readonly pathname?: string | undefined;
  readonly http_headers?: Readonly<Record<string, string>> | undefined;
  /** `{ request: true, response: true }` for gzip both ways. */
  readonly compression?: object | undefined;
  /** Options of `tls.connect`, for `https:`. */
  readonly tls?: object | undefined;
}

/** Options of {@link createClickHousePool}. */
export interface ClickHousePoolOptions<
  Client extends ClickHouseClient = ClickHouseClient,
> extends PoolOptions {
  /** `http://user:password@host:8123/database`, or `https:`. @default 'http://localhost:8123', without `client` */
  readonly url?: string | undefined;
  /** More about who asks and how; wins over what the address says. */
  readonly connection?: ClickHouseConnectionOptions | undefined;
  /**
   * A client of `@clickhouse/client`, used as it is: who made it closes it. Give it at least `max + 1` for `max_open_connections`, so that nothing waits
   * within it, and a `request_timeout` that is not shorter than the calls' time.
   */
  readonly client?: Client | undefined;
  /** Settings of every request. */
  readonly settings?: ClickHouseSettings | undefined;
  /** How long a call may take, from its start to the last row, waiting and retries included; streams have no such bound. @default '30s' */
  readonly queryTimeout?: Duration | undefined;
  /** How long the server may send nothing while somebody waits for it. @default '30s' */
  readonly stallTimeout?: Duration | undefined;
  /** How large the result of a `query` may be, and one row of a stream. @default '64mb' */
  readonly maxResultBytes?: ByteSize | undefined;
  /** What is done again after trouble that may pass; `false` for nothing. @default 3 attempts, waits from 100 ms */
  readonly retry?: false | Pick<RetryOptions, 'maxAttempts' | 'backoff' | 'budget'> | undefined;
  /**
   * How the server learns that a call was given up: its connection is closed, on which it ends what only reads; or it is also told by a `KILL QUERY`, until
   * which the call counts as one under way. @default 'close'
   */
  readonly cancel?: 'close' | 'kill' | undefined;
  /** The user may change no settings (`readonly = 1`): none are sent, so time limits hold on this side alone. @default false */
  readonly readonlyUser?: boolean | undefined;
}

/** {@link ClickHousePoolOptions}, checked. */
export interface ClickHousePoolSettings extends PoolSettings {
  readonly settings: ClickHouseSettings;
  readonly queryTimeout: number;
  readonly stallTimeout: number;
  readonly maxResultBytes: number;
  readonly retry: false | Pick<RetryOptions, 'maxAttempts' | 'backoff' | 'budget'>;
  readonly cancel: 'close' | 'kill';
  readonly readonlyUser: boolean;
}

export const KIND = 'clickHousePool';

const MORE: readonly (keyof ClickHousePoolOptions)[] = [
  'url',
  'connection',
  'client',
  'settings',
  'queryTimeout',
  'stallTimeout',
  'maxResultBytes',
  'retry',
  'cancel',
  'readonlyUser',
];

/** @throws {@link ConfigError} naming the option that is refused */
export function clickHousePoolSettings(options: ClickHousePoolOptions): ClickHousePoolSettings {
  const settings = poolSettings(KIND, options, MORE);
  const time = (option: 'queryTimeout' | 'stallTimeout'): number =>
    toMilliseconds(`${KIND}.${option}`, options[option] ?? '30s', { infinite: true });
  return {
    ...settings,
    settings: checkSettings(`${KIND}.settings`, options.settings ?? {}),
    queryTimeout: time('queryTimeout'),
    stallTimeout: time('stallTimeout'),
    maxResultBytes: toBytes(`${KIND}.maxResultBytes`, options.maxResultBytes ?? '64mb'),
    retry: options.retry ?? {},
    cancel: checkOneOf(`${KIND}.cancel`, options.cancel ?? 'close', ['close', 'kill']),
    readonlyUser: checkBoolean(`${KIND}.readonlyUser`, options.readonlyUser ?? false),
  };
}

function checkSettings(option: string, settings: ClickHouseSettings): ClickHouseSettings {
  if (typeof settings !== 'object' || settings === null || Array.isArray(settings)) {
    throw new ConfigError(option, settings, 'an object of settings');
  }
  return settings;
}
