import { ConfigError, MissingDriverError } from '@perf/core';
import type { DriverClient } from './client.ts';
import type { ValueEncoder } from './exchange.ts';
import type { PostgresPoolSettings } from './options.ts';

const PACKAGE = 'pg';
const NEEDED_BY = '@perf/pool/postgres';

/** The parts of pg that are used. */
export interface PostgresDriver {
  readonly Client: new (options: object) => unknown;
  readonly prepareValue: ValueEncoder;
}

/** Where clients come from, and what goes with them. */
export interface ClientSource {
  /** One that is not connected. @throws {@link MissingDriverError}, {@link ConfigError}, or what the user's factory throws */
  make(): Promise<DriverClient>;
  /** @throws {@link MissingDriverError} */
  encoder(): Promise<ValueEncoder>;
}

/** @param load for tests */
export function clientSource(
  { client, driverOptions }: Pick<PostgresPoolSettings, 'client' | 'driverOptions'>,
  load: () => Promise<PostgresDriver> = loadDriver,
): ClientSource {
  let loaded: Promise<PostgresDriver> | undefined;
  const driver = (): Promise<PostgresDriver> => (loaded ??= load());
  return {
    async make() {
      if (client !== undefined) return checkClient(await client());
      return checkClient(construct((await driver()).Client, driverOptions));
    },
    encoder: async () => (await driver()).prepareValue,
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
    typeof client.connection?.stream?.destroy !== 'function' ||
    typeof client.connection.parsedStatements !== 'object'
  ) {
    throw refuse('a Client of pg 8.21 or newer, not of pg-native');
  }
  if (client.pipeline === true) throw refuse('a Client without pipeline');
  if (client.connectionParameters?.query_timeout) {
    throw refuse('a Client without query_timeout: use queryTimeout');
  }
  return client as DriverClient;
}

function refuse(expected: string): ConfigError {
  return new ConfigError('postgresPool.client', undefined, expected);
}

/**
 * The driver that is installed beside this package.
 * @throws {@link MissingDriverError} when there is none
 */
async function loadDriver(): Promise<PostgresDriver> {
  try {
    // A variable, so that neither the compiler nor a bundler insists on an optional package.
    const specifier: string = PACKAGE;
    const { default: pg } = (await import(specifier)) as {
      readonly default: {
        readonly Client: PostgresDriver['Client'];
        readonly utils: { readonly prepareValue: ValueEncoder };
      };
    };
    const { prepareValue } = pg.utils;
    if (typeof prepareValue !== 'function') throw new Error(`${PACKAGE} is of another kind`);
    return { Client: pg.Client, prepareValue: (value) => prepareValue(value) };
  } catch (cause) {
    throw new MissingDriverError(PACKAGE, NEEDED_BY, { cause });
  }
}
