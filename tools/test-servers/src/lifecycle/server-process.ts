import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { createDeferred, systemClock, type Deferred } from '@perf/core';
import { TestServerError } from '../errors.ts';
import type { Identity } from './identity.ts';
import { logTail } from './log-tail.ts';
import { continueTree, killTree, stopTree, worksIn } from './process-tree.ts';
import type { RunFolder } from './run-layout.ts';

/** One program to run in a run folder. */
export interface ServerCommand {
  /** Names the server in errors. */
  readonly server: string;
  readonly file: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly folder: RunFolder;
  readonly identity: Identity | undefined;
}

/** How a process ended, in words: `code 1`, `signal SIGKILL`, or why it could not be started. */
type End = string;

/** How often a condition is looked at while waiting for a server, in milliseconds. */
const POLL = 15;
/** How long a process that was sent `SIGKILL` may take to be gone, in milliseconds. */
const KILL_TIMEOUT = 10_000;

/** A child process with its descendants. It does not keep our event loop alive once it is ready. */
export class ServerProcess {
  readonly #command: ServerCommand;
  readonly #child: ChildProcess;
  readonly #ended: Deferred<End> = createDeferred();
  #end: End | undefined;
  #frozen = false;

  constructor(command: ServerCommand) {
    const { folder } = command;
    this.#command = command;
    const log = openSync(folder.log, 'a', 0o600);
    const pidFile = openSync(folder.pidFile, 'w', 0o600);
    try {
      // The shell notes its number before it becomes the server: there is no moment at which
      // the server runs and the watchdog does not know it.
      this.#child = spawn(
        '/bin/sh',
        ['-c', 'echo "$$" >&3; exec 3>&-; exec "$@"', 'sh', command.file, ...command.args],
        {
          ...command.identity,
          cwd: folder.home,
          env: command.env,
          detached: true, // Ctrl-C is for us; the server is stopped by us.
          stdio: ['ignore', log, log, pidFile],
        },
      );
    } finally {
      closeSync(log);
      closeSync(pidFile);
    }
    this.#child.once('error', (error) => {
      this.#finish(error.message);
    });
    this.#child.once('exit', (code, signal) => {
      this.#finish(signal === null ? `code ${code}` : `signal ${signal}`);
    });
  }

  /** The process number; it stays after the end. */
  get pid(): number {
    return this.#child.pid ?? -1;
  }

  get running(): boolean {
    return this.#end === undefined;
  }

  get frozen(): boolean {
    return this.#frozen;
  }

  /**
   * Waits until the server says that it is ready.
   * @throws {@link TestServerError} with the log's tail when it ends before, or does not within `timeout` ms
   */
  async ready(isReady: () => boolean | Promise<boolean>, timeout: number): Promise<void> {
    const deadline = systemClock.now() + timeout;
    while (this.#end === undefined) {
      if (await isReady()) {
        this.#child.unref();
        return;
      }
      if (systemClock.now() > deadline) throw this.#failure(`was not ready within ${timeout} ms`);
      await delay(POLL);
    }
    throw this.#failure(`ended with ${this.#end} before it was ready`);
  }

  /**
   * Waits for a program that ends by itself.
   * @throws {@link TestServerError} when it fails, or does not end within `timeout` ms; it is killed then
   */
  async completed(timeout: number): Promise<void> {
    if (!(await this.#endsWithin(timeout))) {
      await this.kill();
      throw this.#failure(`did not end within ${timeout} ms`);
    }
    if (this.#end !== 'code 0') throw this.#failure(`ended with ${this.#end}`);
  }

  /** Asks it to stop, and kills it if it has not within `timeout` ms, or is frozen. */
  async stop(signal: NodeJS.Signals, timeout: number): Promise<void> {
    if (this.#end !== undefined) return;
    if (!this.#frozen) {
      this.#child.kill(signal);
      if (await this.#endsWithin(timeout)) return;
    }
    await this.kill();
  }

  /** Ends the whole tree by `SIGKILL`, frozen or not; resolves when all its processes are gone. */
  async kill(): Promise<void> {
    if (this.#end !== undefined) return;
    const deadline = systemClock.now() + KILL_TIMEOUT;
    const tree = await killTree(this.pid);
    await this.#endsWithin(KILL_TIMEOUT);
    // A descendant that is still dying holds the memory that the next server wants.
    while (tree.some((pid) => worksIn(pid, this.#command.folder.path))) {
      if (systemClock.now() > deadline) {
        throw this.#failure(`is still there ${KILL_TIMEOUT} ms after SIGKILL`);
      }
      await delay(POLL);
    }
  }

  /** Stops the whole tree by `SIGSTOP`: connections stay open and nobody answers. */
  async freeze(): Promise<void> {
    this.#assertRunning('freeze');
    this.#frozen = true;
    await stopTree(this.pid);
  }

  /** Continues a frozen tree. */
  thaw(): void {
    this.#assertRunning('thaw');
    continueTree(this.pid);
    this.#frozen = false;
  }

  #assertRunning(operation: string): void {
    if (this.#end === undefined) return;
    throw new TestServerError(
      this.#command.server,
      `${operation}() is not possible: ${this.#command.server} has ended with ${this.#end}; restart() it first`,
    );
  }

  async #endsWithin(timeout: number): Promise<boolean> {
    this.#child.ref();
    const cancel = new AbortController();
    const expired = delay(timeout, false, { signal: cancel.signal }).catch(() => false);
    const ended = await Promise.race([this.#ended.promise.then(() => true), expired]);
    cancel.abort();
    return ended;
  }

  #finish(end: End): void {
    if (this.#end !== undefined) return;
    this.#end = end;
    this.#frozen = false;
    this.#ended.resolve(end);
  }

  #failure(what: string): TestServerError {
    const { server, file, folder } = this.#command;
    return new TestServerError(
      server,
      `${server} (${file}) ${what}. Its log ends with:\n${logTail(folder.log)}`,
    );
  }
}
