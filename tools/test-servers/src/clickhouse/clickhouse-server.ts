import type { ServerProcessInfo } from '../lifecycle/managed-server.ts';

/** Where a server comes from. */
export type ClickHouseOrigin = 'environment' | 'package';

/**
 * A ClickHouse server that takes HTTP requests. Operations take effect in the order in which they were
 * called. When our process ends without {@link stop}, however it ends, the server and its folder go too.
 */
export interface ClickHouseServer extends AsyncDisposable {
  readonly origin: ClickHouseOrigin;
  /** `http://user:password@host:port`; the same after a {@link restart}. */
  readonly url: string;
  readonly host: string;
  readonly port: number;
  readonly username: string;
  readonly password: string;
  /** `undefined` when the address came from the environment. */
  readonly process: ServerProcessInfo | undefined;
  /**
   * Runs one statement on a connection of its own and gives the text of its result, without any retry.
   * @throws {@link TestServerError} with what the server answered; after 30 s too
   */
  command(sql: string): Promise<string>;
  /** Ends the server and removes its data. Idempotent. No effect on a server from the environment. */
  stop(): Promise<void>;
  /**
   * Ends the server by `SIGKILL`, as a crash would; what it wrote stays for {@link restart}. No effect on
   * one that has ended.
   * @throws {@link ForeignServerError} when the address came from the environment, as do the three below
   */
  kill(): Promise<void>;
  /** Stops the server by `SIGSTOP`: connections stay open and nobody answers. */
  freeze(): Promise<void>;
  /** Continues a frozen server. */
  thaw(): Promise<void>;
  /** Stops the server if it runs, and starts it on the same data and port; ready when it resolves. */
  restart(): Promise<void>;
}
