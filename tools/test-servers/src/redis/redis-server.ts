import type { ServerProcessInfo } from '../lifecycle/managed-server.ts';
import type { RedisArgument } from './command.ts';

/** Where a server comes from. */
export type RedisOrigin = 'environment' | 'local' | 'debian';

/** The data of a server at one moment; gone when that server is stopped. */
export interface RedisSnapshot {
  /** An RDB file in the server's folder. */
  readonly file: string;
}

/** Options of {@link RedisServer.restart}. */
export interface RestartRedisOptions {
  /**
   * Whether the data stays. `false`: the server comes back empty, as one without persistence does.
   * @default true
   */
  readonly keepData?: boolean;
  /** Older data to come back with instead; excludes `keepData`. @default none */
  readonly snapshot?: RedisSnapshot;
}

/**
 * A Redis server that takes connections. Operations take effect in the order in which they were
 * called. When our process ends without {@link stop}, however it ends, the server and its folder go too.
 */
export interface RedisServer extends AsyncDisposable {
  readonly origin: RedisOrigin;
  /** `redis://:password@host:port`; the same after a {@link restart}. */
  readonly url: string;
  readonly host: string;
  readonly port: number;
  /** `undefined` where the server asks for none. */
  readonly password: string | undefined;
  /** `undefined` when the address came from the environment. */
  readonly process: ServerProcessInfo | undefined;
  /**
   * Sends one command on a connection of its own and gives the reply, without any retry.
   * @throws the server's error reply, or the connection's error; after 5 s an error too
   */
  command(name: string, ...args: readonly RedisArgument[]): Promise<unknown>;
  /** Ends the server and removes its data. Idempotent. No effect on a server from the environment. */
  stop(): Promise<void>;
  /**
   * Ends the server by `SIGKILL`, as a crash would; what it wrote stays for {@link restart}. No effect on
   * one that has ended.
   * @throws {@link ForeignServerError} when the address came from the environment, as do the four below
   */
  kill(): Promise<void>;
  /** Stops the server by `SIGSTOP`: connections stay open and nobody answers. */
  freeze(): Promise<void>;
  /** Continues a frozen server. */
  thaw(): Promise<void>;
  /**
   * Stops the server if it runs, and starts it on the same port; ready when it resolves. Settings changed
   * while it ran are lost unless they were written by `CONFIG REWRITE`.
   */
  restart(options?: RestartRedisOptions): Promise<void>;
  /**
   * Keeps a copy of the present data, to {@link restart} with it later.
   * @throws the server's error reply, as while it saves by itself
   */
  saveSnapshot(): Promise<RedisSnapshot>;
}
