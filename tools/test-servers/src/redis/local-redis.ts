import { checkKnown, ConfigError } from '@perf/core';
import { HOST, ManagedServer, type ServerProcessInfo } from '../lifecycle/managed-server.ts';
import { createRunFolder } from '../lifecycle/run-folder.ts';
import type { RunFolder } from '../lifecycle/run-layout.ts';
import { ServerProcess } from '../lifecycle/server-process.ts';
import { startWatchdog } from '../lifecycle/watchdog.ts';
import type { RedisBinaries } from './binaries.ts';
import { sendCommand, type RedisArgument } from './command.ts';
import { configFile, passwordOf, writeConfig, type RedisConfig } from './config.ts';
import type {
  RedisOrigin,
  RedisServer,
  RedisSnapshot,
  RestartRedisOptions,
} from './redis-server.ts';
import { checkSnapshot, clearData, keepSnapshot, restoreSnapshot } from './snapshot.ts';

/** What one process of Redis is started as. */
export interface RedisLaunch {
  readonly binaries: RedisBinaries;
  /** Complete: with the password. */
  readonly config: RedisConfig;
  readonly startTimeout: number;
  /** Settings that name a place in the server's folder. @default none */
  readonly configIn?: (folder: RunFolder) => RedisConfig;
  /** Arguments behind the file of settings. @default none */
  readonly args?: readonly string[];
}

/** How long one attempt to reach a starting server may take, in milliseconds. */
const PROBE_TIMEOUT = 1000;

/** Starts a server; whatever was made is removed again when that fails. */
export async function startLocalRedis(launch: RedisLaunch): Promise<RedisServer> {
  const { binaries, config, configIn, startTimeout, args = [] } = launch;
  const folder = await createRunFolder('redis', undefined);
  const url = (port: number): string => urlOf(port, passwordOf(config));
  let configured: number | undefined;
  const managed = new ManagedServer({
    server: 'redis',
    folder,
    watchdog: startWatchdog(folder.path, 'TERM'),
    startTimeout,
    stopSignal: 'SIGTERM',
    releaseSignal: undefined,
    launch: (port) => {
      // Once only: the server may have rewritten it, a sentinel has.
      if (configured !== port) writeConfig(folder, port, { ...config, ...configIn?.(folder) });
      configured = port;
      return new ServerProcess({
        server: 'redis',
        file: binaries.redisServer,
        args: [configFile(folder), ...args],
        env: {
          PATH: process.env['PATH'] ?? '/usr/bin:/bin',
          LC_ALL: 'C',
          TZ: 'UTC',
          ...binaries.env,
        },
        folder,
        identity: undefined,
      });
    },
    isReady: (_process, port) => answers(url(port)),
  });
  await managed.open();
  return new LocalRedis(binaries.origin, managed, folder, passwordOf(config));
}

class LocalRedis implements RedisServer {
  readonly origin: RedisOrigin;
  readonly host = HOST;
  readonly password: string | undefined;
  readonly #managed: ManagedServer;
  readonly #folder: RunFolder;
  #snapshots = 0;

  constructor(
    origin: RedisOrigin,
    managed: ManagedServer,
    folder: RunFolder,
    password: string | undefined,
  ) {
    this.origin = origin;
    this.password = password;
    this.#managed = managed;
    this.#folder = folder;
  }

  get port(): number {
    return this.#managed.port;
  }

  get url(): string {
    return urlOf(this.port, this.password);
  }

  get process(): ServerProcessInfo {
    return this.#managed.info;
  }

  command(name: string, ...args: readonly RedisArgument[]): Promise<unknown> {
    return sendCommand(this.url, name, args);
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

  async restart(options: RestartRedisOptions = {}): Promise<void> {
    checkKnown('restart', options, ['keepData', 'snapshot']);
    const { keepData, snapshot } = options;
    if (keepData !== undefined && snapshot !== undefined) {
      throw new ConfigError('keepData', keepData, 'left out when there is a snapshot');
    }
    if (snapshot !== undefined) checkSnapshot(this.#folder, snapshot);
    await this.#managed.restart(() => {
      if (snapshot !== undefined) restoreSnapshot(this.#folder, snapshot);
      else if (keepData === false) clearData(this.#folder);
    });
  }

  saveSnapshot(): Promise<RedisSnapshot> {
    return this.#managed.run(async () => {
      await this.command('SAVE');
      return keepSnapshot(this.#folder, ++this.#snapshots);
    });
  }

  stop(): Promise<void> {
    return this.#managed.stop();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}

function urlOf(port: number, password: string | undefined): string {
  const login = password === undefined ? '' : `:${encodeURIComponent(password)}@`;
  return `redis://${login}${HOST}:${port}`;
}

/** Whether a server has loaded its data and replies; also when its reply is that we may not ask. */
async function answers(url: string): Promise<boolean> {
  try {
    await sendCommand(url, 'PING', [], PROBE_TIMEOUT);
    return true;
  } catch (error) {
    return (
      error instanceof Error && error.name === 'ReplyError' && !error.message.startsWith('LOADING')
    );
  }
}
