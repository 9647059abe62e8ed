import { randomBytes } from 'node:crypto';
import { unprivilegedIdentity } from '../lifecycle/identity.ts';
import { HOST, ManagedServer, type ServerProcessInfo } from '../lifecycle/managed-server.ts';
import { createRunFolder } from '../lifecycle/run-folder.ts';
import { startWatchdog } from '../lifecycle/watchdog.ts';
import type { PostgresBinaries } from './binaries.ts';
import {
  freeSharedMemory,
  initialise,
  launch,
  saysReady,
  SUPERUSER,
  type Cluster,
} from './cluster.ts';
import type { PostgresOrigin, PostgresServer } from './postgres-server.ts';
import { runnableBinaries } from './runnable.ts';

/** Makes a cluster and starts it; whatever was made is removed again when that fails. */
export async function startLocalPostgres(
  binaries: PostgresBinaries,
  settings: Readonly<Record<string, string>>,
  startTimeout: number,
): Promise<PostgresServer> {
  const identity = unprivilegedIdentity();
  const runnable = await runnableBinaries(binaries, identity);
  const folder = await createRunFolder('postgres', identity);
  const cluster: Cluster = { binaries: runnable, folder, identity };
  const managed = new ManagedServer({
    server: 'postgres',
    folder,
    watchdog: startWatchdog(folder.path, 'QUIT'),
    startTimeout,
    stopSignal: 'SIGINT',
    releaseSignal: 'SIGQUIT', // The data goes anyway, so there is no checkpoint to wait for.
    launch: (port) => launch(cluster, port, settings),
    isReady: ({ pid }) => saysReady(folder, pid),
    cleanUp: () => {
      freeSharedMemory(folder);
    },
  });
  const password = randomBytes(18).toString('base64url');
  await managed.open(() => initialise(cluster, password, startTimeout));
  return new LocalPostgres(binaries.origin, managed, password);
}

class LocalPostgres implements PostgresServer {
  readonly origin: PostgresOrigin;
  readonly host = HOST;
  readonly #managed: ManagedServer;
  readonly #password: string;

  constructor(origin: PostgresOrigin, managed: ManagedServer, password: string) {
    this.origin = origin;
    this.#managed = managed;
    this.#password = password;
  }

  get port(): number {
    return this.#managed.port;
  }

  get url(): string {
    return `postgres://${SUPERUSER}:${this.#password}@${HOST}:${this.port}/postgres`;
  }

  get process(): ServerProcessInfo {
    return this.#managed.info;
  }

  kill(): Promise<void> {
    return this.#managed.kill();
  }

  freeze(): Promise<void> {
    return this.#managed.freeze();
  }

  thaw(): Promise<void> {
    return this.#managed.thaw();
  }

  restart(): Promise<void> {
    return this.#managed.restart();
  }

  stop(): Promise<void> {
    return this.#managed.stop();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}
