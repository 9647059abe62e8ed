import {
  checkFunction,
  checkInteger,
  checkKnown,
  ConfigError,
  toBytes,
  type ByteSize,
} from '@perf/core';
import type { LookupFunction } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import {
  poolSettings,
  type PoolOptions,
  type PoolSettings,
} from '../configuration/pool-options.ts';
import {
  CLIENT_DEFAULTS,
  clientSettings,
  type HttpClientDefaults,
  type HttpClientSettings,
} from './client/client-options.ts';
import { AddressGuard } from './connections/address-guard.ts';

/** Which addresses may be connected to. */
export interface HttpGuardOptions {
  /**
   * Addresses or ranges (`'10.1.0.0/16'`) that are let through although they are not public; of a name that stands for several addresses
   * those are used that may be. @default none
   */
  readonly allow?: readonly string[] | undefined;
}

/** Options of `createHttpPool`: those of every pool, and what holds for all of its clients unless they say otherwise. */
export interface HttpPoolOptions extends PoolOptions, HttpClientDefaults {
  /** Requests, and so connections, at once, of all clients to all origins. @default 100 */
  readonly max?: number | undefined;
  /** Requests, and so connections, at once to one origin. @default 10, or `max` if that is less */
  readonly maxPerOrigin?: number | undefined;
  /** Connections kept though they have been unused for a second. @default 10, or `max` if that is less */
  readonly maxIdle?: number | undefined;
  /** As `maxIdle`, to one origin. @default 5, or `maxPerOrigin` if that is less */
  readonly maxIdlePerOrigin?: number | undefined;
  /** How long a connection may lie unused; less where the server says so. @default '90s' */
  readonly idleTimeout?: PoolOptions['idleTimeout'];
  /** How long a connection may take, TLS apart: the default of `timeouts.connect`. @default '30s' */
  readonly connectTimeout?: PoolOptions['connectTimeout'];
  /** How large the headers of a response may be. @default '16kb' */
  readonly maxHeaderSize?: ByteSize | undefined;
  /**
   * `true` lets connections be made to public addresses alone: for requests to where others say. Addresses are looked at when the
   * connection is made, after the name has been resolved. @default false
   */
  readonly guard?: boolean | HttpGuardOptions | undefined;
  /** Options of `tls.connect`, such as `ca`, `cert` and `key`. @default none */
  readonly tls?: ConnectionOptions | undefined;
  /** Resolves names. @default that of `node:dns` */
  readonly lookup?: LookupFunction | undefined;
}

/** {@link HttpPoolOptions}, checked. */
export interface HttpPoolSettings extends PoolSettings {
  readonly maxPerOrigin: number;
  readonly maxIdlePerOrigin: number;
  readonly maxHeaderSize: number;
  readonly guard: AddressGuard | undefined;
  readonly tls: ConnectionOptions;
  readonly lookup: LookupFunction | undefined;
  readonly client: HttpClientSettings;
}

const KIND = 'httpPool';
const OWN = ['maxPerOrigin', 'maxIdlePerOrigin', 'maxHeaderSize', 'guard', 'tls', 'lookup'];
const MAX = 100;
const MAX_PER_ORIGIN = 10;
const MAX_IDLE = 10;
const MAX_IDLE_PER_ORIGIN = 5;

/** @throws {@link ConfigError} naming the option that is refused */
export function httpPoolSettings(options: HttpPoolOptions): HttpPoolSettings {
  const { max = MAX, idleTimeout = '90s', connectTimeout = '30s', guard, lookup } = options;
  const { tls = {} } = options;
  const settings = poolSettings(
    KIND,
    {
      ...options,
      max,
      idleTimeout,
      connectTimeout,
      maxIdle: options.maxIdle ?? Math.max(options.min ?? 0, Math.min(MAX_IDLE, max)),
    },
    [...OWN, ...CLIENT_DEFAULTS],
  );
  const maxPerOrigin = checkInteger(
    `${KIND}.maxPerOrigin`,
    options.maxPerOrigin ?? Math.min(MAX_PER_ORIGIN, max),
    { max },
  );
  if (typeof tls !== 'object' || tls === null) {
    throw new ConfigError(`${KIND}.tls`, tls, 'options of tls.connect');
  }
  return {
    ...settings,
    maxPerOrigin,
    maxIdlePerOrigin: checkInteger(
      `${KIND}.maxIdlePerOrigin`,
      options.maxIdlePerOrigin ?? Math.min(MAX_IDLE_PER_ORIGIN, maxPerOrigin),
      { min: 0, max: maxPerOrigin },
    ),
    maxHeaderSize: toBytes(`${KIND}.maxHeaderSize`, options.maxHeaderSize ?? '16kb'),
    guard: guardOf(guard),
    tls,
    lookup: lookup === undefined ? undefined : checkFunction(`${KIND}.lookup`, lookup),
    client: clientSettings(KIND, options, settings),
  };
}

function guardOf(guard: boolean | HttpGuardOptions | undefined): AddressGuard | undefined {
  if (guard === undefined || guard === false) return undefined;
  if (guard === true) return new AddressGuard([]);
  checkKnown(`${KIND}.guard`, guard, ['allow']);
  const { allow = [] } = guard;
  if (!Array.isArray(allow)) throw new ConfigError(`${KIND}.guard.allow`, allow, 'an array');
  return new AddressGuard(allow as readonly string[]);
}
