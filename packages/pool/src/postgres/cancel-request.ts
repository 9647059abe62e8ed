import type { DriverClient } from './client.ts';

/**
 * Asks the server, on a connection of its own, to cancel what `target` runs. Resolves when the server has closed that connection, which it
 * does once the request has been passed on. Sends nothing when that is not wanted any more by the time that the connection stands.
 * @param messenger a client to the same server, not connected, and not to be used for anything else
 * @see PostgreSQL, "Canceling Requests in Progress"
 */
export function requestCancel(
  target: DriverClient,
  messenger: DriverClient,
  signal: AbortSignal,
  isWanted: () => boolean,
): Promise<void> {
  const { connection, ssl, sslNegotiation } = messenger;
  const { host, port, processID, secretKey } = target;
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      connection.stream.destroy();
    };
    const finish = (error?: unknown): void => {
      signal.removeEventListener('abort', abort);
      if (error === undefined) resolve();
      else reject(error);
    };
    const send = (): void => {
      if (processID === null || secretKey === null || !isWanted()) connection.stream.destroy();
      else connection.cancel(processID, secretKey);
    };
    connection.on('error', (error) => {
      connection.stream.destroy();
      finish(error);
    });
    connection.on('end', () => {
      finish();
    });
    connection.on('connect', () => {
      if (!isEncrypted(ssl)) send();
      else if (sslNegotiation !== 'direct') connection.requestSsl();
    });
    connection.on('sslconnect', send);
    signal.addEventListener('abort', abort);
    if (host.startsWith('/')) connection.connect(`${host}/.s.PGSQL.${port}`);
    else connection.connect(port, host);
  });
}

function isEncrypted(ssl: unknown): boolean {
  return ssl !== undefined && ssl !== null && ssl !== false;
}
