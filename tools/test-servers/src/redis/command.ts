import { Redis } from 'ioredis';

/** What a command takes. */
export type RedisArgument = string | number | Buffer;

/** How long connecting and then the reply may take, in milliseconds. */
const TIMEOUT = 5000;

/**
 * Sends one command on a connection of its own.
 * @throws the server's error reply, or the connection's error; neither tells the address' password
 */
export async function sendCommand(
  url: string,
  name: string,
  args: readonly RedisArgument[] = [],
  timeout: number = TIMEOUT,
): Promise<unknown> {
  const client = new Redis(url, {
    lazyConnect: true,
    connectTimeout: timeout,
    commandTimeout: timeout,
    enableReadyCheck: false,
    disableClientInfo: true,
    retryStrategy: () => null,
    maxRetriesPerRequest: 0,
  });
  // The reason of a lost connection; the command itself only learns that it is closed.
  let reason: Error | undefined;
  client.on('error', (error: Error) => {
    reason = error;
  });
  try {
    await client.connect();
    return await client.call(name, ...args);
  } catch (error) {
    throw reason ?? error;
  } finally {
    client.disconnect();
  }
}
