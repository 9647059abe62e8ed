import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/**
 * Ports are taken from below what systems give to outgoing connections (from 32768 on Linux, from
 * 49152 elsewhere): while a server is down, no client can be given its port, nor connect to itself. With
 * 10000 added, the port of Redis Cluster's bus, they are so still.
 */
const FIRST_PORT = 10_000;
const LAST_PORT = 22_767;
const ATTEMPTS = 50;

/**
 * A TCP port on 127.0.0.1 that was free a moment ago. Another process may take it before the server
 * binds it, so whoever starts a server on it must be ready to try again with another one.
 */
export async function freePort(): Promise<number> {
  for (let attempt = 1; ; attempt++) {
    const port = randomInt(FIRST_PORT, LAST_PORT + 1);
    try {
      await bindOnce(port);
      return port;
    } catch (error) {
      if (attempt === ATTEMPTS) throw error;
    }
  }
}

function bindOnce(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen({ host: '127.0.0.1', port, exclusive: true }, () => {
      probe.close(() => {
        resolve();
      });
    });
  });
}
