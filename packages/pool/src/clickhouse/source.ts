import { checkString, ConfigError } from '@perf/core';
import type { ClickHouseClient } from './client.ts';
import { Connections } from './connections.ts';
import { loadDriver } from './driver.ts';
import { KIND, type ClickHousePoolOptions, type ClickHousePoolSettings } from './options.ts';

const DEFAULT_URL = 'http://localhost:8123';
/** Beyond all that the client would say: its errors reach the callers. */
const LOG_OFF = 127;

/** Where requests go: a client that was handed in, or one of ours, made at the first use. */
export class ClientSource {
  /** Ours; `undefined` with a client that was handed in. */
  readonly connections: Connections | undefined;
  readonly #given: ClickHouseClient | undefined;
  readonly #options: object;
  #client: Promise<ClickHouseClient> | undefined;
  /** The error that a text tells of, as the driver sees it; a plain one until the driver is there. */
  #parse: ((text: string) => Error) | undefined;

  /** @throws {@link ConfigError} when it is not told where ClickHouse is, or in two ways */
  constructor(options: ClickHousePoolOptions, settings: ClickHousePoolSettings) {
    const { client, url, connection } = options;
    this.#given = client;
    if (client !== undefined) {
      if (typeof client.exec !== 'function' || typeof client.ping !== 'function') {
        throw new ConfigError(`${KIND}.client`, client, 'a client of @clickhouse/client');
      }
      if (url !== undefined || connection !== undefined) {
        const extra = url === undefined ? 'connection' : 'url';
        throw new ConfigError(`${KIND}.${extra}`, undefined, 'absent beside client');
      }
      this.#options = {};
      return;
    }
    const { tls = {}, ...rest } = connection ?? {};
    const { isSecure, ...address } = parseUrl(url ?? DEFAULT_URL);
    this.connections = new Connections(settings, isSecure, tls);
    this.#options = {
      ...address,
      ...rest,
      http_agent: this.connections.agent,
      // All times are the pool's, by its clock. The agent ends connections that lie unused.
      request_timeout: 0,
      keep_alive: { enabled: true, idle_socket_ttl: 0 },
      log: { level: LOG_OFF },
    };
  }

  /** Rejects with {@link MissingDriverError}, or what the client does not like about its options. */
  client(): Promise<ClickHouseClient> {
    if (this.#client === undefined) {
      this.#client = this.#make();
      // The driver may be installed by the next time.
      this.#client.catch(() => {
        this.#client = undefined;
      });
    }
    return this.#client;
  }

  parseError(text: string): Error {
    return this.#parse?.(text) ?? new Error(text);
  }

  /** Closes what is ours. */
  async close(): Promise<void> {
    if (this.#given === undefined) await (await this.#client?.catch(() => undefined))?.close();
    this.connections?.close();
  }

  async #make(): Promise<ClickHouseClient> {
    if (this.#given !== undefined) {
      // Whoever has a client has the driver, as a rule: for its errors alone it is not insisted on.
      this.#parse = (await loadDriver().catch(() => undefined))?.parseError;
      return this.#given;
    }
    const { createClient, parseError } = await loadDriver();
    this.#parse = parseError;
    return createClient(this.#options);
  }
}

/** What an address says. The error shows none of it: any part may be a piece of the password. */
function parseUrl(text: string): { readonly isSecure: boolean; readonly url: string } & object {
  checkString(`${KIND}.url`, text);
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.hostname === '') {
    throw refusal('of the form http://user:password@host:8123/database, or https: for TLS');
  }
  if (url.search !== '' || url.hash !== '') {
    throw refusal('without ? and #: settings go into settings, other options into connection');
  }
  const database = decoded(url.pathname.slice(1));
  return {
    isSecure: url.protocol === 'https:',
    url: `${url.protocol}//${url.host}`,
    ...(url.username !== '' && { username: decoded(url.username) }),
    ...(url.password !== '' && { password: decoded(url.password) }),
    ...(database !== '' && { database }),
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
  return new ConfigError(
    `${KIND}.url`,
    undefined,
    `${expected} (not shown: it may hold a password)`,
  );
}
