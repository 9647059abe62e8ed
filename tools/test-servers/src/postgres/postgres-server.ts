import type { ServerProcessInfo } from '../lifecycle/managed-server.ts';

/** Where a server comes from. */
export type PostgresOrigin = 'environment' | 'package' | 'local';

/**
 * A PostgreSQL server that takes connections. Operations take effect in the order in which they were
 * called. When our process ends without {@link stop}, however it ends, the server and its folder go too.
 */
export interface PostgresServer extends AsyncDisposable {
  readonly origin: PostgresOrigin;
  /** `postgres://user:password@host:port/database`; the same after a {@link restart}. */
  readonly url: string;
  readonly host: string;
  readonly port: number;
  /** `undefined` when the address came from the environment. */
  readonly process: ServerProcessInfo | undefined;
  /**
   * Ends the server and removes its data; with an address from the environment, drops the database
   * that was made for us. Idempotent.
   */
  stop(): Promise<void>;
  /**
   * Ends every process of the server by `SIGKILL`, as a power cut would; its data stays for
   * {@link restart}. No effect on one that has ended.
   * @throws {@link ForeignServerError} when the address came from the environment, as do the three below
   */
  kill(): Promise<void>;
  /** Stops every process of the server by `SIGSTOP`: connections stay open and nobody answers. */
  freeze(): Promise<void>;
  /** Continues a frozen server. */
  thaw(): Promise<void>;
  /** Stops the server if it runs, and starts it on the same data and port; ready when it resolves. */
  restart(): Promise<void>;
}
