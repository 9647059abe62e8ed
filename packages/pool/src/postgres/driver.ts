import { ConfigError, MissingDriverError } from '@perf/core';
import type { DriverClient } from './client.ts';
import type { PostgresPoolSettings } from './options.ts';

const PACKAGE = 'pg';
const NEEDED_BY = '@perf/pool/postgres';

/** The part of pg that makes clients. */
export interface PostgresDriver {
  readonly Client: new (options: object) => unknown;
}

/** Makes clients that are not connected. */
export type ClientMaker = () => Promise<DriverClient>;

/** @param load for tests */
export function clientMaker(
  { client, driverOptions }: Pick<PostgresPoolSettings, 'client' | 'driverOptions'>,
  load: () => Promise<PostgresDriver> = loadDriver,
): ClientMaker {
  if (client !== undefined) return async () => checkClient(await client());
  let driver: Promise<PostgresDriver> | undefined;
  return async () => {
    driver ??= load();
    const { Client } = await driver;
    return checkClient(construct(Client, driverOptions));
  };
}

/** pg's parser shows the whole address in its error, and with it the password. */
function construct(Client: PostgresDriver['Client'], options: object): unknown {
  try {
    return new Client({ ...options });
  } catch (error) {
    const code = (error as { readonly code?: unknown } | undefined)?.code;
    if (code !== 'ERR_INVALID_URL' && code !== undefined) throw error;
    throw new ConfigError(
      'postgresPool.connectionString',
      undefined,
      'an address that pg understands, with user and password percent-encoded (not shown: it may hold the password)',
    );
  }
}

function checkClient(made: unknown): DriverClient {
  const client = made as Partial<DriverClient> | null | undefined;
  if (
    typeof client?.getTransactionStatus !== 'function' ||
    typeof client.connection?.stream?.destroy !== 'function'
  ) {
    throw new ConfigError(
      'postgresPool.client',
      undefined,
      'a Client of pg 8.21 or newer, not of pg-native',
    );
  }
  if (client.pipeline === true) {
    throw new ConfigError('postgresPool.client', undefined, 'a Client without pipeline');
  }
  return client as DriverClient;
}

/**
 * The driver that is installed beside this package.
 * @throws {@link MissingDriverError} when there is none
 */
async function loadDriver(): Promise<PostgresDriver> {
  try {
    // A variable, so that neither the compiler nor a bundler insists on an optional package.
    const specifier: string = PACKAGE;
    const { Client } = (await import(specifier)) as Partial<PostgresDriver>;
    if (Client === undefined) throw new Error(`${PACKAGE} has no Client`);
    return { Client };
  } catch (cause) {
    throw new MissingDriverError(PACKAGE, NEEDED_BY, { cause });
  }
}
