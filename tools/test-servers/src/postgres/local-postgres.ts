import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { ClosedError } from '@perf/core';
import { freePort } from '../lifecycle/free-port.ts';
import { unprivilegedIdentity } from '../lifecycle/identity.ts';
import { logTail } from '../lifecycle/log-tail.ts';
import { createRunFolder } from '../lifecycle/run-folder.ts';
import type { ServerProcess } from '../lifecycle/server-process.ts';
import { startWatchdog, type Watchdog } from '../lifecycle/watchdog.ts';
import type { PostgresBinaries } from './binaries.ts';
import {
  freeSharedMemory,
  initialise,
  launch,
  saysReady,
  SUPERUSER,
  type Cluster,
} from './cluster.ts';
import type { PostgresOrigin, PostgresServer, ServerProcessInfo } from './postgres-server.ts';
import { runnableBinaries } from './runnable.ts';

const HOST = '127.0.0.1';
/** How often another port is tried when somebody took the one found. */
const PORT_ATTEMPTS = 5;
/** How long a clean stop may take before the server is killed, in milliseconds. */
const STOP_TIMEOUT = 10_000;

/** Makes a cluster and starts it; whatever was made is removed again when that fails. */
export async function startLocalPostgres(
  binaries: PostgresBinaries,
  settings: Readonly<Record<string, string>>,
  startTimeout: number,
): Promise<PostgresServer> {
  const identity = unprivilegedIdentity();
  const runnable = runnableBinaries(binaries, identity);
  const folder = await createRunFolder('postgres', identity);
  const watchdog = startWatchdog(folder.path, 'QUIT');
  const cluster: Cluster = { binaries: runnable, folder, identity };
  const server = new LocalPostgres(cluster, watchdog, settings, startTimeout);
  try {
    await server.open();
    return server;
  } catch (error) {
    await server.stop();
    throw error;
  }
}

class LocalPostgres implements PostgresServer {
  readonly origin: PostgresOrigin;
  readonly host = HOST;
  readonly #cluster: Cluster;
  readonly #watchdog: Watchdog;
  readonly #settings: Readonly<Record<string, string>>;
  readonly #startTimeout: number;
  readonly #password: string = randomBytes(18).toString('base64url');
  #port = 0;
  #running: ServerProcess | undefined;
  #last: Promise<void> = Promise.resolve();
  #stopping: Promise<void> | undefined;

  constructor(
    cluster: Cluster,
    watchdog: Watchdog,
    settings: Readonly<Record<string, string>>,
    startTimeout: number,
  ) {
    this.origin = cluster.binaries.origin;
    this.#cluster = cluster;
    this.#watchdog = watchdog;
    this.#settings = settings;
    this.#startTimeout = startTimeout;
  }

  get port(): number {
    return this.#port;
  }

  get url(): string {
    return `postgres://${SUPERUSER}:${this.#password}@${HOST}:${this.#port}/postgres`;
  }

  get process(): ServerProcessInfo {
    const { folder } = this.#cluster;
    return {
      pid: this.#running?.pid ?? -1,
      running: this.#running?.running ?? false,
      frozen: this.#running?.frozen ?? false,
      folder: folder.path,
      log: (maxBytes) => logTail(folder.log, maxBytes),
    };
  }

  /** The first start: the cluster's files, then a port that is really free. */
  async open(): Promise<void> {
    await initialise(this.#cluster, this.#password, this.#startTimeout);
    for (let attempt = 1; ; attempt++) {
      this.#port = await freePort();
      try {
        await this.#start();
        return;
      } catch (error) {
        const taken = this.process.log().includes('Address already in use');
        if (!taken || attempt === PORT_ATTEMPTS) throw error;
      }
    }
  }

  kill(): Promise<void> {
    return this.#inOrder(async () => this.#running?.kill());
  }

  freeze(): Promise<void> {
    return this.#inOrder(async () => this.#running?.freeze());
  }

  thaw(): Promise<void> {
    return this.#inOrder(() => this.#running?.thaw());
  }

  restart(): Promise<void> {
    return this.#inOrder(async () => {
      await this.#running?.stop('SIGINT', STOP_TIMEOUT);
      await this.#start();
    });
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#afterLast(() => this.#release());
    return this.#stopping;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #start(): Promise<void> {
    const started = launch(this.#cluster, this.#port, this.#settings);
    this.#running = started;
    try {
      await started.ready(() => saysReady(this.#cluster.folder, started.pid), this.#startTimeout);
    } catch (error) {
      await started.kill();
      throw error;
    }
  }

  async #release(): Promise<void> {
    const { folder } = this.#cluster;
    // The data goes anyway, so there is no checkpoint to wait for.
    await this.#running?.stop('SIGQUIT', STOP_TIMEOUT);
    freeSharedMemory(folder);
    await this.#watchdog.release();
    rmSync(folder.path, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }

  async #inOrder(operation: () => void | Promise<void>): Promise<void> {
    if (this.#stopping !== undefined) throw new ClosedError('the postgres server');
    await this.#afterLast(operation);
  }

  #afterLast(operation: () => void | Promise<void>): Promise<void> {
    const done = this.#last.then(operation);
    // A failed operation is its caller's to handle; the next one runs all the same.
    this.#last = done.catch(() => undefined);
    return done;
  }
}
