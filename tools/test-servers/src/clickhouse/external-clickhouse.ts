import { ForeignServerError, TestServerError } from '../errors.ts';
import type { ClickHouseServer } from './clickhouse-server.ts';
import { sendStatement, type ClickHouseAddress } from './request.ts';

/** The oldest version that is taken: it names its errors, and takes parameters. */
const OLDEST_VERSION = 23;

/**
 * A server that is already there. It is used as it is: others' tables are in it, and ours stay.
 * @param variable names where the address came from, for errors
 * @throws {@link TestServerError} when the address is malformed, or no new enough ClickHouse answers there in time
 */
export async function connectExternalClickHouse(
  address: string,
  variable: string,
  timeout: number,
): Promise<ClickHouseServer> {
  const given = parse(address, variable);
  const { username, password } = addressOf(given);
  await assertUsable(addressOf(given), variable, timeout);
  const refuse = async (operation: string): Promise<never> => {
    throw new ForeignServerError('clickhouse', operation, variable);
  };
  return {
    origin: 'environment',
    url: address,
    host: given.hostname,
    port: Number(given.port || (given.protocol === 'https:' ? 8443 : 8123)),
    username,
    password,
    process: undefined,
    command: (sql) => sendStatement(addressOf(given), sql),
    stop: leaveRunning,
    kill: () => refuse('kill'),
    freeze: () => refuse('freeze'),
    thaw: () => refuse('thaw'),
    restart: () => refuse('restart'),
    [Symbol.asyncDispose]: leaveRunning,
  };
}

/** It is not ours to stop. */
async function leaveRunning(): Promise<void> {}

function parse(address: string, variable: string): URL {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url;
  // The value is not shown: it may hold a password.
  throw new TestServerError(
    'clickhouse',
    `${variable} must be an address such as http://user:password@host:8123`,
  );
}

function addressOf(url: URL): ClickHouseAddress {
  return {
    url: `${url.protocol}//${url.host}/`,
    username: decodeURIComponent(url.username) || 'default',
    password: decodeURIComponent(url.password),
  };
}

async function assertUsable(
  address: ClickHouseAddress,
  variable: string,
  timeout: number,
): Promise<void> {
  let version: string;
  try {
    version = (await sendStatement(address, 'SELECT version()', timeout)).trim();
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new TestServerError(
      'clickhouse',
      `the server at ${variable} cannot be used: ${reason}. It must be reachable, and take the user and password`,
      { cause: error },
    );
  }
  if (Number.parseInt(version, 10) >= OLDEST_VERSION) return;
  throw new TestServerError(
    'clickhouse',
    `the server at ${variable} is version ${version}; ${OLDEST_VERSION} or newer is needed`,
  );
}
