import { randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';
import { extname } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { HOST, ManagedServer, type ServerProcessInfo } from '../lifecycle/managed-server.ts';
import { createRunFolder } from '../lifecycle/run-folder.ts';
import { ServerProcess } from '../lifecycle/server-process.ts';
import { startWatchdog } from '../lifecycle/watchdog.ts';
import type { ClickHouseOrigin, ClickHouseServer } from './clickhouse-server.ts';
import type { ClickHouseEngine } from './engine.ts';
import { sendStatement, type ClickHouseAddress } from './request.ts';

const USERNAME = 'default';
/** How long one attempt to reach a starting server may take, in milliseconds. */
const PROBE_TIMEOUT = 2000;
/** Each statement that runs keeps one of these; more at once wait for each other. */
const THREADS = 64;

/** Starts the bridge; whatever was made is removed again when that fails. */
export async function startLocalClickHouse(
  engine: ClickHouseEngine,
  startTimeout: number,
): Promise<ClickHouseServer> {
  const folder = await createRunFolder('clickhouse', undefined);
  const password = randomBytes(18).toString('base64url');
  const managed = new ManagedServer({
    server: 'clickhouse',
    folder,
    watchdog: startWatchdog(folder.path, 'TERM'),
    startTimeout,
    stopSignal: 'SIGTERM',
    releaseSignal: undefined,
    launch: (port) =>
      new ServerProcess({
        server: 'clickhouse',
        file: process.execPath,
        args: bridgeProgram(),
        env: {
          PATH: process.env['PATH'] ?? '/usr/bin:/bin',
          HOME: folder.home,
          TMPDIR: folder.home,
          LC_ALL: 'C',
          TZ: 'UTC',
          UV_THREADPOOL_SIZE: String(THREADS),
          // Not as arguments, which every user of the machine sees.
          BRIDGE_PORT: String(port),
          BRIDGE_PASSWORD: password,
          BRIDGE_ENGINE: engine.folder,
        },
        folder,
        identity: undefined,
      }),
    isReady: (_process, port) => answers({ url: urlOf(port), username: USERNAME, password }),
  });
  await managed.open();
  return new LocalClickHouse(managed, password);
}

class LocalClickHouse implements ClickHouseServer {
  readonly origin: ClickHouseOrigin = 'package';
  readonly host = HOST;
  readonly username = USERNAME;
  readonly password: string;
  readonly #managed: ManagedServer;

  constructor(managed: ManagedServer, password: string) {
    this.#managed = managed;
    this.password = password;
  }

  get port(): number {
    return this.#managed.port;
  }

  get url(): string {
    return `http://${USERNAME}:${this.password}@${HOST}:${this.port}`;
  }

  get process(): ServerProcessInfo {
    return this.#managed.info;
  }

  command(sql: string): Promise<string> {
    const { username, password, port } = this;
    return sendStatement({ url: urlOf(port), username, password }, sql);
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

function urlOf(port: number): string {
  return `http://${HOST}:${port}/`;
}

/** The bridge as Node's arguments: as it was built, or the source of it by way of tsx. */
function bridgeProgram(): readonly string[] {
  const self = fileURLToPath(import.meta.url);
  const program = fileURLToPath(new URL(`bridge/main${extname(self)}`, import.meta.url));
  if (extname(self) === '.js') return [program];
  const tsx = createRequire(import.meta.url).resolve('tsx');
  return ['--import', pathToFileURL(tsx).href, program];
}

async function answers(address: ClickHouseAddress): Promise<boolean> {
  try {
    return (await sendStatement(address, 'SELECT 1', PROBE_TIMEOUT)).trim() === '1';
  } catch {
    return false;
  }
}
