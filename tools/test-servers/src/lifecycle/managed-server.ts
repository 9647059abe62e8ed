import { rmSync } from 'node:fs';
import { freePort } from './free-port.ts';
import { logTail } from './log-tail.ts';
import { OperationQueue } from './operation-queue.ts';
import type { RunFolder } from './run-layout.ts';
import type { ServerProcess } from './server-process.ts';
import type { Watchdog } from './watchdog.ts';

/** What is known of a server's process. */
export interface ServerProcessInfo {
  readonly pid: number;
  readonly running: boolean;
  readonly frozen: boolean;
  /** Its temporary folder, with everything it writes. */
  readonly folder: string;
  /** The last `maxBytes` (by default 4096) of its log. */
  log(maxBytes?: number): string;
}

/** What tells one kind of server from another. */
export interface ServerKind {
  /** Names it in errors. */
  readonly server: string;
  readonly folder: RunFolder;
  readonly watchdog: Watchdog;
  /** Milliseconds until a start that is not ready counts as failed. */
  readonly startTimeout: number;
  /** On which signal it ends and keeps its data. */
  readonly stopSignal: NodeJS.Signals;
  /** On which signal it ends soonest; its data goes. `undefined`: by force. */
  readonly releaseSignal: NodeJS.Signals | undefined;
  /** Starts it; not ready yet. */
  launch(port: number): ServerProcess;
  /** Whether that process takes connections. */
  isReady(process: ServerProcess, port: number): boolean | Promise<boolean>;
  /** Frees what the ended server holds outside its folder. */
  cleanUp?(): void;
}

/** The only address that servers listen on. */
export const HOST = '127.0.0.1';
/** How often another port is tried when somebody took the one found. */
const PORT_ATTEMPTS = 5;
/** How long a clean stop may take before the server is killed, in milliseconds. */
const STOP_TIMEOUT = 10_000;

/** A server that was started here. Operations take effect in the order in which they were called. */
export class ManagedServer {
  readonly #kind: ServerKind;
  readonly #operations: OperationQueue;
  #port = 0;
  #running: ServerProcess | undefined;

  constructor(kind: ServerKind) {
    this.#kind = kind;
    this.#operations = new OperationQueue(`the ${kind.server} server`);
  }

  get port(): number {
    return this.#port;
  }

  get info(): ServerProcessInfo {
    const { folder } = this.#kind;
    return {
      pid: this.#running?.pid ?? -1,
      running: this.#running?.running ?? false,
      frozen: this.#running?.frozen ?? false,
      folder: folder.path,
      log: (maxBytes) => logTail(folder.log, maxBytes),
    };
  }

  /**
   * The first start, on a port that is really free. When it fails, everything is removed again.
   * @param prepare makes the files that the first start needs
   */
  async open(prepare?: () => void | Promise<void>): Promise<void> {
    try {
      await prepare?.();
      await this.#startOnFreePort();
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  kill(): Promise<void> {
    return this.#operations.run(async () => this.#running?.kill());
  }

  freeze(): Promise<void> {
    return this.#operations.run(async () => this.#running?.freeze());
  }

  thaw(): Promise<void> {
    return this.#operations.run(() => this.#running?.thaw());
  }

  /**
   * Stops it if it runs, and starts it on the same port.
   * @param prepare changes its files in between
   */
  restart(prepare?: () => void | Promise<void>): Promise<void> {
    return this.#operations.run(async () => {
      await this.#running?.stop(this.#kind.stopSignal, STOP_TIMEOUT);
      await prepare?.();
      await this.#start();
    });
  }

  /** Another operation, in its turn. */
  run<T>(operation: () => Promise<T>): Promise<T> {
    return this.#operations.run(operation);
  }

  /** Ends it and removes its folder. Idempotent. */
  stop(): Promise<void> {
    return this.#operations.close(() => this.#release());
  }

  async #startOnFreePort(): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      this.#port = await freePort();
      try {
        await this.#start();
        return;
      } catch (error) {
        const taken = /address already in use/i.test(this.info.log());
        if (!taken || attempt === PORT_ATTEMPTS) throw error;
      }
    }
  }

  async #start(): Promise<void> {
    const { startTimeout } = this.#kind;
    const started = this.#kind.launch(this.#port);
    this.#running = started;
    try {
      await started.ready(() => this.#kind.isReady(started, this.#port), startTimeout);
    } catch (error) {
      await started.kill();
      throw error;
    }
  }

  async #release(): Promise<void> {
    const { folder, watchdog, releaseSignal } = this.#kind;
    if (releaseSignal === undefined) await this.#running?.kill();
    else await this.#running?.stop(releaseSignal, STOP_TIMEOUT);
    this.#kind.cleanUp?.();
    await watchdog.release();
    rmSync(folder.path, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}
