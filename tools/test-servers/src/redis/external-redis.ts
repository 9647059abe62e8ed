import { ForeignServerError, TestServerError } from '../errors.ts';
import { OLDEST_VERSION } from './binaries.ts';
import { sendCommand } from './command.ts';
import type { RedisServer } from './redis-server.ts';

/**
 * A server that is already there. It is used as it is: others' keys are in it, and ours stay.
 * @param variable names where the address came from, for errors
 * @throws {@link TestServerError} when the address is malformed, or no new enough Redis answers there in time
 */
export async function connectExternalRedis(
  address: string,
  variable: string,
  timeout: number,
): Promise<RedisServer> {
  const given = parse(address, variable);
  await assertUsable(address, variable, timeout);
  const refuse = async (operation: string): Promise<never> => {
    throw new ForeignServerError('redis', operation, variable);
  };
  return {
    origin: 'environment',
    url: address,
    host: given.hostname,
    port: Number(given.port || 6379),
    password: given.password === '' ? undefined : decodeURIComponent(given.password),
    process: undefined,
    command: (name, ...args) => sendCommand(address, name, args),
    stop: leaveRunning,
    kill: () => refuse('kill'),
    freeze: () => refuse('freeze'),
    thaw: () => refuse('thaw'),
    restart: () => refuse('restart'),
    saveSnapshot: () => refuse('saveSnapshot'),
    [Symbol.asyncDispose]: leaveRunning,
  };
}

/** It is not ours to stop. */
async function leaveRunning(): Promise<void> {}

function parse(address: string, variable: string): URL {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url?.protocol === 'redis:' || url?.protocol === 'rediss:') return url;
  // The value is not shown: it may hold a password.
  throw new TestServerError(
    'redis',
    `${variable} must be an address such as redis://user:password@host:6379`,
  );
}

async function assertUsable(address: string, variable: string, timeout: number): Promise<void> {
  let info: string;
  try {
    info = String(await sendCommand(address, 'INFO', ['server'], timeout));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new TestServerError(
      'redis',
      `the server at ${variable} cannot be used: ${reason}. It must be reachable and allow INFO`,
      { cause: error },
    );
  }
  const version = /^redis_version:(\S+)/m.exec(info)?.[1];
  if (version !== undefined && Number.parseInt(version, 10) >= OLDEST_VERSION) return;
  throw new TestServerError(
    'redis',
    `the server at ${variable} is version ${version ?? '(not told)'}; ${OLDEST_VERSION} or newer is needed`,
  );
}
